package dev.holdfast.cluster;

import java.util.BitSet;

/**
 * Which numbers of a counter have come. They may come out of order by {@link #WIDTH}; what is older
 * counts as a copy. Confined to its owner's lock.
 */
final class ReplayWindow {
  /** Requests of one node to another that may be on their way at the same time. */
  static final int WIDTH = 16_384;

  private final BitSet seen = new BitSet();
  private long highest;

  /** Whether this number, 1 or more, comes for the first time. */
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

  /** The places of the numbers up to this one are used anew. */
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
