package dev.holdfast.http1;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Limits how long a client's remaining bytes are read and discarded after a response. Closing the
 * connection at once would discard the response before the client has read it. Not thread-safe.
 */
public final class Discard {
  /** Longest wait for more bytes; by then the client has read the response or never will. */
  public static final Duration PAUSE = Duration.ofSeconds(2);

  /** The buffer that all threads read discarded bytes into. */
  private static final ByteBuffer BIN = ByteBuffer.allocateDirect(16 * 1024);

  private final Timers timers;
  private final long end;
  private long left;
  private ScheduledTask waiting = () -> {};

  /** Creates a discard that starts now, limited to this number of bytes and this duration. */
  public Discard(long bytes, Duration timeout, Timers timers) {
    this.timers = timers;
    this.left = bytes;
    this.end = timers.nanoTime() + timeout.toNanos();
  }

  /** Counts discarded bytes; returns whether more may be read. */
  public boolean goesOn(int bytes) {
    left -= bytes;
    return left >= 0 && timers.nanoTime() - end < 0;
  }

  /** Returns the buffer to read discarded bytes into; it takes no additional memory. */
  public static ByteBuffer bin() {
    return BIN.duplicate();
  }

  /**
   * Counts discarded bytes and waits for more; {@code over} runs when a limit is reached or none
   * arrive.
   */
  public void dropped(int bytes, Runnable over) {
    stop();
    if (goesOn(bytes)) {
      waiting = timers.after(pause(), over);
    } else {
      over.run();
    }
  }

  /** Stops waiting. */
  public void stop() {
    waiting.cancel();
  }

  /** Returns how long to wait for more bytes. */
  public Duration pause() {
    Duration rest = Duration.ofNanos(Math.max(0, end - timers.nanoTime()));
    return rest.compareTo(PAUSE) < 0 ? rest : PAUSE;
  }
}
