package dev.holdfast.engineio;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.time.ManualLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The far end of connections that cross threads, on the last of these. */
final class ScheduledClient implements EngineConnection {
  static final int PACKETS_OF_A_READ = 3;

  private final SplittableRandom random;
  private final ManualLoop loop;

  /** How many packets were sent before each handoff that was accepted. */
  final Queue<Integer> takenOver = new ArrayDeque<>();

  EngineConnection.@Nullable Listener listener;
  int emitted;
  long emittedBytes;
  int received;
  long receivedBytes;
  private boolean reading;
  private boolean accepting = true;
  boolean stuck;
  boolean paused;
  private boolean asked;
  private boolean leaving;
  boolean lost;
  int closes;

  ScheduledClient(SplittableRandom random, ManualLoop loop) {
    this.random = random;
    this.loop = loop;
  }

  boolean isOver() {
    return lost || closes > 0;
  }

  private EngineConnection.Listener listener() {
    return Objects.requireNonNull(listener);
  }

  void readLater() {
    if (!reading && !paused && !isOver()) {
      reading = true;
      loop.execute(this::read);
    }
  }

  private void read() {
    reading = false;
    if (paused || isOver()) {
      return;
    }
    emit();
    if (random.nextInt(8) == 0) {
      takenOver.add(emitted);
      listener().takenOver();
    }
    listener().batchEnd();
    if (asked) {
      asked = false;
      listener().acknowledged(emitted);
    }
  }

  private void emit() {
    for (int i = random.nextInt(1, PACKETS_OF_A_READ + 1); i > 0; i--) {
      byte[] frame = CrossThreadScheduleTest.TO_SESSION[emitted++];
      emittedBytes += frame.length;
      try {
        listener().message(new Message().ofFrame(ByteBuffer.wrap(frame), true));
      } catch (ProtocolException e) {
        throw new AssertionError("another thread's error came here", e);
      }
    }
  }

  /** Accepts frames again, or ends after a leave; returns whether it did anything. */
  boolean accept() {
    if (isOver()) {
      return false;
    }
    boolean changes = leaving || (!accepting && !stuck);
    if (leaving) {
      lose();
    } else if (changes) {
      accepting = true;
      listener().writable();
    }
    if (asked) {
      readLater();
    }
    return changes;
  }

  void lose() {
    if (!isOver()) {
      emit();
      lost = true;
      listener().closed(CloseReason.CLIENT_LOST);
    }
  }

  @Override
  public boolean send(ByteBuffer frames) {
    if (isOver()) {
      return true;
    }
    if (leaving || !accepting || stuck) {
      accepting = false;
      return false;
    }
    CrossThreadScheduleTest.check(
        frames.equals(ByteBuffer.wrap(CrossThreadScheduleTest.TO_CLIENT[received])),
        "the client expected packet " + received);
    receivedBytes += CrossThreadScheduleTest.TO_CLIENT[received++].length;
    accepting = random.nextInt(3) > 0;
    return true;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    paused = true;
  }

  @Override
  public void resumeReads(PauseReason reason) {
    paused = false;
  }

  @Override
  public boolean ping() {
    asked = true;
    return true;
  }

  @Override
  public void close(CloseReason reason) {
    closes++;
  }

  @Override
  public boolean leave(CloseReason reason) {
    leaving = true;
    return true;
  }
}
