package dev.holdfast.redis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node hears by one subscription what it says at its beats: after a failover it may
 * write to one server and listen to another. Thread-safe.
 */
final class OwnBeats {
  private final Duration timeouts;
  private long said;
  private long heard;
  private @Nullable Long waitingSince;

  /**
   * @param timeouts how long it may take to hear a beat, from when it was published
   */
  OwnBeats(Duration timeouts) {
    this.timeouts = timeouts;
  }

  /** The number of the next one. */
  synchronized long next() {
    return ++said;
  }

  /** It was published; it may have been heard before. */
  synchronized void published(long number, long nanos) {
    if (heard < number && waitingSince == null) {
      waitingSince = nanos;
    }
  }

  /** It was heard, and those before it do not count any more. */
  synchronized void heard(long number) {
    heard = Math.max(heard, number);
    waitingSince = null;
  }

  /** Whether one that was published should have been heard by now. */
  synchronized boolean overdue(long nanos) {
    return waitingSince != null && nanos - waitingSince > timeouts.toNanos();
  }
}
