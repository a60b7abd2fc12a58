package dev.holdfast.proxy;

import java.time.Duration;

/**
 * For how long a client has neither sent what is expected nor read what is ready for it. Waiting
 * for a backend does not count. Not thread-safe.
 */
final class ClientWait {
  private static final Duration LONG = Duration.ofSeconds(1);

  private boolean waiting;
  private long moved;
  private long since;

  /**
   * It is the client's turn.
   *
   * @param bytes moved so far; more than before mean that the client has done something
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

  /** Whether it has been the client's turn for longer than this. */
  boolean isOver(Duration limit, long now) {
    return waiting && now - since > limit.toNanos();
  }

  /** Whether it waits for so long that others may have its connection when they are short. */
  boolean isLong(long now) {
    return isOver(LONG, now);
  }
}
