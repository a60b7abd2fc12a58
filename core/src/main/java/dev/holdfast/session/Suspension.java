package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Holds the messages of one direction while stages suspend it. Holds no more than may wait for one
 * side of the session: beyond that, the direction continues. Confined to its session.
 */
final class Suspension {
  private final BufferPool pool;
  private final long limit;
  private final Timers timers;
  private final Consumer<byte[]> next;
  private final Map<InstalledStage, ScheduledTask> deadlines = new HashMap<>(1);
  private final FrameBatch held = new FrameBatch();

  /** Bytes of the held messages that are reserved in the pool. */
  private int reserved;

  /** Creates an inactive suspension; {@code next} receives the held frames when it ends. */
  Suspension(SessionSetup setup, Consumer<byte[]> next) {
    this.pool = setup.pool();
    this.limit = setup.limits().waitingBytes();
    this.timers = setup.timers();
    this.next = next;
  }

  /** Returns whether messages have to be {@linkplain #hold held}. */
  boolean isActive() {
    return !deadlines.isEmpty();
  }

  /** Begins for this stage; if it has begun before, only the deadline changes. */
  void begin(InstalledStage stage, Duration time) {
    ScheduledTask former = deadlines.put(stage, timers.after(time, () -> end(stage)));
    if (former != null) {
      former.cancel();
    }
  }

  /** Holds a message. */
  void hold(Message message) {
    int bytes = message.end() - message.start();
    held.add(message);
    if (held.bytes() <= limit && pool.reserve(bytes)) {
      reserved += bytes;
    } else {
      end();
    }
  }

  /** Ends for this stage. The direction continues when no other stage suspends it. */
  void end(InstalledStage stage) {
    ScheduledTask deadline = deadlines.remove(stage);
    if (deadline != null) {
      deadline.cancel();
      if (deadlines.isEmpty()) {
        end();
      }
    }
  }

  /** Ends for all stages. */
  void end() {
    byte[] frames = take();
    if (frames.length > 0) {
      next.accept(frames);
    }
  }

  /** Ends for all stages, and returns what was held. */
  byte[] take() {
    deadlines.values().forEach(ScheduledTask::cancel);
    deadlines.clear();
    pool.release(reserved);
    reserved = 0;
    return held.take();
  }
}
