package dev.holdfast.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One direction of a connection: bytes on their way, and those that wait to be read. */
final class Pipe {
  /** Looks at what is written. */
  interface Tap {
    void written(byte[] bytes);
  }

  private final World world;
  private final long latency;
  private final int capacity;
  private final ArrayDeque<ByteBuffer> arrived = new ArrayDeque<>();
  private @Nullable SimulatedConnection reader;
  private @Nullable SimulatedConnection writer;
  private @Nullable Tap tap;
  private @Nullable Runnable onArrival;
  private long lastArrival;
  private int held;
  private long written;
  private long read;
  private long lastRead;
  private long readBefore;
  private Duration silence = Duration.ofDays(1);
  private long limit = Long.MAX_VALUE;
  private Runnable atLimit = () -> {};
  private boolean vanishing;
  private boolean ended;
  private boolean endArrived;

  Pipe(World world, long latency, int capacity) {
    this.world = world;
    this.latency = latency;
    this.capacity = capacity;
  }

  void join(SimulatedConnection from, SimulatedConnection to) {
    writer = from;
    reader = to;
  }

  void tap(Tap looks) {
    tap = looks;
  }

  /** Bytes that were written. */
  long written() {
    return written;
  }

  /** Bytes that were read. */
  long read() {
    return read;
  }

  /** Remembers what was read before the last silence of this length. */
  void remembers(Duration length) {
    silence = length;
  }

  /** Bytes that were read before the last silence, which may be going on. */
  long readBeforeSilence() {
    return isSilent() ? read : readBefore;
  }

  private boolean isSilent() {
    return world.now() - lastRead >= silence.toNanos();
  }

  /** Whether there is room for more. */
  boolean takes() {
    return held < capacity;
  }

  int write(ByteBuffer source) {
    int count = Math.min(source.remaining(), capacity - held);
    if (count > 1 && world.random().nextInt(16) == 0) {
      count = 1 + world.random().nextInt(count);
    }
    if (count == 0) {
      return 0;
    }
    byte[] bytes = new byte[count];
    source.get(bytes);
    written += count;
    held += count;
    if (tap != null) {
      tap.written(bytes);
    }
    if (!vanishing) {
      fly(ByteBuffer.wrap(bytes));
    }
    return count;
  }

  /** What was written is gone at once. */
  void waste(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    if (tap != null) {
      tap.written(bytes);
    }
  }

  private void fly(ByteBuffer bytes) {
    if (written > limit) {
      int rest = (int) (limit - (written - bytes.remaining()));
      bytes.limit(Math.max(0, rest));
      vanishing = true;
      Runnable last = atLimit;
      lastArrival = arrival();
      world.after(lastArrival - world.now(), last);
    }
    lastArrival = arrival();
    world.after(lastArrival - world.now(), () -> arrive(bytes));
  }

  private long arrival() {
    long jitter = latency / 10 + 20_000;
    return Math.max(lastArrival, world.now() + latency + world.random().nextLong(jitter));
  }

  private void arrive(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      arrived.add(bytes);
      notifyReader();
    }
  }

  /** The reader's process is gone; this happens when something arrives. */
  void onArrival(Runnable action) {
    onArrival = action;
  }

  private void notifyReader() {
    if (onArrival != null) {
      onArrival.run();
    } else if (reader != null) {
      reader.wake();
    }
  }

  /** Nothing that is written from now on arrives. */
  void vanish() {
    vanishing = true;
  }

  /** Only so many more bytes arrive; then this happens. */
  void limit(long more, Runnable then) {
    limit = written + more;
    atLimit = then;
  }

  /** From now on everything goes through. */
  void lift() {
    limit = Long.MAX_VALUE;
  }

  /** The end follows what was written. */
  void end() {
    if (!ended) {
      ended = true;
      if (!vanishing) {
        lastArrival = arrival();
        world.after(
            lastArrival - world.now(),
            () -> {
              endArrived = true;
              notifyReader();
            });
      }
    }
  }

  boolean isReadable() {
    return !arrived.isEmpty() || endArrived;
  }

  boolean hasUnread() {
    return !arrived.isEmpty();
  }

  int read(ByteBuffer target) throws IOException {
    int count = 0;
    boolean part = world.random().nextInt(4) == 0;
    while (target.hasRemaining() && !arrived.isEmpty() && !(part && count > 0)) {
      ByteBuffer first = arrived.peek();
      int most = Math.min(first.remaining(), target.remaining());
      int taken = part ? 1 + world.random().nextInt(most) : most;
      target.put(first.slice().limit(taken));
      first.position(first.position() + taken);
      count += taken;
      if (!first.hasRemaining()) {
        arrived.remove();
      }
    }
    if (count > 0) {
      readBefore = isSilent() ? read : readBefore;
      lastRead = world.now();
      read += count;
      int freed = count;
      world.after(
          latency,
          () -> {
            held -= freed;
            if (writer != null) {
              writer.wake();
            }
          });
      return count;
    }
    return endArrived && target.hasRemaining() ? -1 : 0;
  }
}
