package dev.holdfast.cluster;

import java.util.BitSet;

/**
 * Tracks which numbers of a counter have been received. They may arrive out of order by up to
 * {@link #WIDTH}; older ones count as copies. Guarded by its owner's lock.
 */
final class ReplayWindow {
  /**
   * Maximum number of requests from one node to another that may be in transit at the same time.
   */
  static final int WIDTH = 16_384;

  private final BitSet seen = new BitSet();
  private long highest;

  /** Returns whether this number, 1 or more, is received for the first time. */
  boolean isNew(long number) {
    if (number <= Math.max(0, highest - WIDTH)) {
      return false;
    }
    if (number > highest) {
      forget(number);
      highest = number;
    }
    int place = (int) (number % WIDTH);
    boolean first = !seen.get(place);
    seen.set(place);
    return first;
  }

  /** Clears the slots between the highest number so far and this one. */
  private void forget(long number) {
    if (number - highest >= WIDTH) {
      seen.clear();
      return;
    }
    for (long next = highest + 1; next <= number; next++) {
      seen.clear((int) (next % WIDTH));
    }
  }
}
