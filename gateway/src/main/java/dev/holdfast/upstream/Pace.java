package dev.holdfast.upstream;

/**
 * A token bucket that holds a tenth of a second's tokens, and at least one: within any second no
 * more than {@code perSecond} and that burst are taken. Knows no clock; all times are nanoseconds
 * of a steady one. Confined by its owner.
 */
final class Pace {
  private static final long SECOND = 1_000_000_000L;
  private static final int BURSTS_PER_SECOND = 10;

  private final long interval;
  private final long ahead;
  private long full;

  /** A full bucket. */
  Pace(int perSecond, long now) {
    // Rounded up, or a rate that does not divide a second would be exceeded by a little.
    interval = (SECOND + perSecond - 1) / perSecond;
    ahead = (burst(perSecond) - 1) * interval;
    full = now;
  }

  /** What may be taken at once. */
  static int burst(int perSecond) {
    return Math.max(1, perSecond / BURSTS_PER_SECOND);
  }

  /** Takes a token, if there is one. */
  boolean take(long now) {
    if (untilNext(now) > 0) {
      return false;
    }
    full = (full - now > 0 ? full : now) + interval;
    return true;
  }

  /** Nanoseconds until there is a token; 0 if there is one. */
  long untilNext(long now) {
    return Math.max(0, full - now - ahead);
  }
}
