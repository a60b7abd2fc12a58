package dev.holdfast.cluster;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * One budget, as the time at which it would be full. Times are microseconds of one clock, whichever
 * it is. Confined by its owner.
 */
final class TokenBucket {
  private static final long SECOND = 1_000_000L;

  private long full = Long.MIN_VALUE;

  Budget.Grant take(Budget.Rate rate, int wanted, long now) {
    long interval = (SECOND + rate.perSecond() - 1) / rate.perSecond();
    long ahead = (rate.burst() - 1) * interval;
    full = Math.max(full, now);
    long there = Math.max(0, Math.floorDiv(now + ahead - full, interval) + 1);
    int taken = (int) Math.min(wanted, there);
    full += taken * interval;
    return new Budget.Grant(taken, Duration.of(Math.max(0, full - now - ahead), ChronoUnit.MICROS));
  }
}
