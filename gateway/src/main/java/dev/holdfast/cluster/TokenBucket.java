package dev.holdfast.cluster;

/**
 * A token bucket: within any second no more than {@code perSecond} and its burst are taken, which
 * is a tenth of that, and at least one, unless it is said. Knows no clock; all times are
 * nanoseconds of a steady one. Confined by its owner.
 */
public final class TokenBucket {
  private static final long SECOND = 1_000_000_000L;
  private static final int BURSTS_PER_SECOND = 10;

  private final long interval;
  private final long ahead;
  private long full;

  /** A full bucket. */
  public TokenBucket(int perSecond, long now) {
    this(new SharedRateLimit.Rate(perSecond, burst(perSecond)), now);
  }

  TokenBucket(SharedRateLimit.Rate rate, long now) {
    // Rounded up, or a rate that does not divide a second would be exceeded by a little.
    interval = (SECOND + rate.perSecond() - 1) / rate.perSecond();
    ahead = (rate.burst() - 1) * interval;
    full = now;
  }

  /** What may be taken at once. */
  public static int burst(int perSecond) {
    return Math.max(1, perSecond / BURSTS_PER_SECOND);
  }

  /** Takes a token, if there is one. */
  public boolean take(long now) {
    if (untilNext(now) > 0) {
      return false;
    }
    full = (full - now > 0 ? full : now) + interval;
    return true;
  }

  /** Nanoseconds until there is a token; 0 if there is one. */
  public long untilNext(long now) {
    return Math.max(0, full - now - ahead);
  }
}
