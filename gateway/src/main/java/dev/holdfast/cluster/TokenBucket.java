package dev.holdfast.cluster;

/**
 * A token bucket: in any second at most {@code perSecond} tokens plus the burst are taken. The
 * burst defaults to a tenth of the rate, and at least one. Has no clock; all times are nanoseconds
 * of a steady clock. Confined by its owner.
 */
public final class TokenBucket {
  private static final long SECOND = 1_000_000_000L;
  private static final int BURSTS_PER_SECOND = 10;

  private final long interval;
  private final long ahead;
  private long full;

  /** Creates a full bucket. */
  public TokenBucket(int perSecond, long now) {
    this(new SharedRateLimit.Rate(perSecond, burst(perSecond)), now);
  }

  TokenBucket(SharedRateLimit.Rate rate, long now) {
    // Rounded up, or a rate that does not divide a second would be exceeded slightly.
    interval = (SECOND + rate.perSecond() - 1) / rate.perSecond();
    ahead = (rate.burst() - 1) * interval;
    full = now;
  }

  /** Returns how many tokens may be taken at once. */
  public static int burst(int perSecond) {
    return Math.max(1, perSecond / BURSTS_PER_SECOND);
  }

  /** Takes a token if one is available. */
  public boolean take(long now) {
    if (untilNext(now) > 0) {
      return false;
    }
    full = (full - now > 0 ? full : now) + interval;
    return true;
  }

  /** Returns the nanoseconds until a token is available; 0 if one is. */
  public long untilNext(long now) {
    return Math.max(0, full - now - ahead);
  }
}
