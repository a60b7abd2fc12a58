package dev.holdfast.redis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a subscription receives the beats that this node publishes: after a failover the
 * node may write to one server and be subscribed at another. Thread-safe.
 */
final class OwnBeats {
  private final Duration timeouts;
  private long lastPublished;
  private long lastReceived;
  private @Nullable Long waitingSince;

  /**
   * @param timeouts how long a published beat may take to arrive
   */
  OwnBeats(Duration timeouts) {
    this.timeouts = timeouts;
  }

  /** Returns the number of the next beat. */
  synchronized long next() {
    return ++lastPublished;
  }

  /** Records that a beat was published; it may have arrived already. */
  synchronized void published(long number, long nanos) {
    if (lastReceived < number && waitingSince == null) {
      waitingSince = nanos;
    }
  }

  /** Records that a beat arrived; earlier ones no longer matter. */
  synchronized void received(long number) {
    lastReceived = Math.max(lastReceived, number);
    waitingSince = null;
  }

  /** Returns whether a published beat is overdue. */
  synchronized boolean overdue(long nanos) {
    return waitingSince != null && nanos - waitingSince > timeouts.toNanos();
  }
}
