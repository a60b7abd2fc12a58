package dev.holdfast.http;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * How long it goes on that a client's bytes are read and dropped behind its answer. Closing the
 * connection at once would throw the answer away before the client has read it. Not thread-safe.
 */
public final class Discard {
  /** As long as nothing comes; then the client has read its answer, or does not want to. */
  public static final Duration PAUSE = Duration.ofSeconds(2);

  /** Where all threads put bytes that nobody reads. */
  private static final ByteBuffer BIN = ByteBuffer.allocateDirect(16 * 1024);

  private final Timers timers;
  private final long end;
  private long left;
  private ScheduledTask waiting = () -> {};

  /** Begins now, and drops at most so many bytes for at most so long. */
  public Discard(long bytes, Duration timeout, Timers timers) {
    this.timers = timers;
    this.left = bytes;
    this.end = timers.nanoTime() + timeout.toNanos();
  }

  /** So many bytes were dropped: says whether more may be. */
  public boolean goesOn(int bytes) {
    left -= bytes;
    return left >= 0 && timers.nanoTime() - end < 0;
  }

  /** Where to read what is dropped: it takes no memory of its own. */
  public static ByteBuffer bin() {
    return BIN.duplicate();
  }

  /** The same, and waits for more; {@code over} runs when no more may be dropped, or none come. */
  public void dropped(int bytes, Runnable over) {
    stop();
    if (goesOn(bytes)) {
      waiting = timers.after(pause(), over);
    } else {
      over.run();
    }
  }

  /** Nobody waits any more. */
  public void stop() {
    waiting.cancel();
  }

  /** How long to wait for more of them. */
  public Duration pause() {
    Duration rest = Duration.ofNanos(Math.max(0, end - timers.nanoTime()));
    return rest.compareTo(PAUSE) < 0 ? rest : PAUSE;
  }
}
