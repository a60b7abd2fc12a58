package dev.holdfast.proxy;

import java.time.Duration;

/**
 * Measures how long a client has neither sent data that is expected nor read data that is ready.
 * Time spent waiting for a backend does not count. Not thread-safe.
 */
final class ClientWait {
  private static final Duration LONG = Duration.ofSeconds(1);

  private boolean waiting;
  private long moved;
  private long since;

  /**
   * Starts or continues waiting for the client.
   *
   * @param bytes transferred so far; an increase restarts the wait
   * @param now a steady time in nanoseconds
   */
  void begins(long bytes, long now) {
    if (!waiting || bytes != moved) {
      waiting = true;
      moved = bytes;
      since = now;
    }
  }

  void ends() {
    waiting = false;
  }

  /** Returns whether the wait for the client exceeds this limit. */
  boolean isOver(Duration limit, long now) {
    return waiting && now - since > limit.toNanos();
  }

  /**
   * Returns whether the wait is so long that the connection may be given to others in a shortage.
   */
  boolean isLong(long now) {
    return isOver(LONG, now);
  }
}
