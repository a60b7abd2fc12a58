package dev.holdfast.session;

import java.util.Arrays;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The events of one stream on two links, and the fences among them. An alignment is a shift: event
 * {@code j} of the next link is event {@code shift + j} of the old one. A fence at {@code (i, j)},
 * before event {@code i} of the old link and event {@code j} of the next one, contradicts some
 * shifts:
 *
 * <ul>
 *   <li>sent over the old link: the next link had been sent everything that the old link delivered
 *       before the fence, so {@code shift ≥ i − j}
 *   <li>sent over the next link: {@code shift ≤ i − j}, if the next link had delivered anything
 * </ul>
 *
 * <p>So does each event that differs from its counterpart. A stream that begins on the old link
 * while the next one is in all its rooms arrives over both from its first event on. It needs no
 * fences. An overtaken publish makes a fence wrong now and then. A shift is therefore accepted only
 * if {@link #MARGIN} more observations contradict every other shift. Confined to its switchover.
 */
final class FencedStream {
  /** The old link has delivered nothing that the next one delivers. */
  static final int NOTHING_REPEATED = Integer.MAX_VALUE;

  /** Number of additional observations that have to contradict every shift but the accepted one. */
  static final int MARGIN = 5;

  /** Fences answered within this time are one observation: the same stall delayed them. */
  private static final long APART_NANOS = 60_000_000;

  private static final int NEVER = Integer.MAX_VALUE / 4;

  /** Differing events beyond this number are not counted. */
  private static final int ENOUGH = 6 * MARGIN;

  /** The events of one link. */
  static final class Events {
    private final Set<Long> kinds = new HashSet<>();
    private long[] prints = new long[16];
    private int[] places = new int[16];
    private int size;

    private void add(long print, int place) {
      if (size == prints.length) {
        prints = Arrays.copyOf(prints, 2 * size);
        places = Arrays.copyOf(places, 2 * size);
      }
      prints[size] = print;
      places[size++] = place;
      kinds.add(print);
    }

    /** Returns how many of them are before a position among all events of the link. */
    private int before(int place) {
      int count = size;
      while (count > 0 && places[count - 1] >= place) {
        count--;
      }
      return count;
    }

    int size() {
      return size;
    }
  }

  /** The fences sent over one of the links. */
  private static final class Fences {
    private int[] old = new int[16];
    private int[] next = new int[16];
    private long[] at = new long[16];
    private int size;

    private void add(int inOld, int inNext, long answeredAt) {
      if (size == at.length) {
        old = Arrays.copyOf(old, 2 * size);
        next = Arrays.copyOf(next, 2 * size);
        at = Arrays.copyOf(at, 2 * size);
      }
      old[size] = inOld;
      next[size] = inNext;
      at[size++] = answeredAt;
    }

    /**
     * Returns the last fence with {@link #MARGIN} observations from it onwards, itself included; -1
     * if none.
     */
    private int confirmed() {
      int missing = MARGIN;
      int later = -1;
      for (int i = size - 1; i >= 0; i--) {
        if (later < 0 || at[later] - at[i] >= APART_NANOS) {
          later = i;
          missing--;
          if (missing == 0) {
            return i;
          }
        }
      }
      return -1;
    }
  }

  private final Events old = new Events();
  private final Events next = new Events();
  private final Fences overOld = new Fences();
  private final Fences overNext = new Fences();

  /** The old link's events when the next one was in all rooms; 0 if the stream began later. */
  private int atJoin;

  private boolean joined;

  /** Adds an event of the old link, with the number of earlier events of all its streams. */
  void old(long print, int place) {
    old.add(print, place);
  }

  /** Adds an event of the next link, likewise. */
  void next(long print, int place) {
    next.add(print, place);
  }

  /** Forgets the old link's events before a position. Returns whether none is left. */
  boolean forgetBefore(int place) {
    int gone = old.before(place);
    old.size -= gone;
    System.arraycopy(old.prints, gone, old.prints, 0, old.size);
    System.arraycopy(old.places, gone, old.places, 0, old.size);
    return old.size == 0;
  }

  /** Adds a fence at these positions among all events of the links. */
  void fence(boolean sentOverOld, int inOld, int inNext, long answeredAt) {
    (sentOverOld ? overOld : overNext).add(old.before(inOld), next.before(inNext), answeredAt);
  }

  /**
   * Records whether the next link is in all rooms of the old one, so that it receives later events.
   */
  void joined(boolean is) {
    joined = is;
    atJoin = is ? old.size : 0;
  }

  /** Returns the number of remembered events of the old link. */
  int size() {
    return old.size;
  }

  /** Returns the alignment; empty if it is uncertain. */
  OptionalInt shift() {
    if (old.size == 0) {
      return joined ? OptionalInt.of(NOTHING_REPEATED) : OptionalInt.empty();
    }
    if (joined && atJoin == 0 && isAlike()) {
      return OptionalInt.of(0);
    }
    return overOld.size < MARGIN ? OptionalInt.empty() : new Shared(this).shift();
  }

  /**
   * Returns the alignment with the fewest contradictions, when a certain one is no longer awaited;
   * empty if there are several, or fewer than {@link #MARGIN} events overlap.
   */
  OptionalInt likeliest() {
    return new Shared(this).likeliest();
  }

  /** Returns whether the events of both links are equal, counted from the first one. */
  private boolean isAlike() {
    int both = Math.min(old.size, next.size);
    return Arrays.equals(old.prints, 0, both, next.prints, 0, both);
  }

  /** Reports the next link's repeats, and those that it will still deliver. */
  void align(int shift, Alignment.Part part) {
    if (shift != NOTHING_REPEATED) {
      new Shared(this).align(shift, part);
    }
  }

  /** The stream without the events that fences have shown to be on one link only. */
  private static final class Shared {
    private final FencedStream stream;

    /** For each index, the number of remaining events before it. */
    private final int[] keptOld;

    private final int[] keptNext;
    private final long[] old;
    private final long[] next;

    Shared(FencedStream stream) {
      this.stream = stream;
      boolean begun =
          Arrays.stream(stream.overNext.next, 0, stream.overNext.size).anyMatch(j -> j > 0);
      int provenOld = stream.overOld.confirmed();
      int provenNext = stream.overNext.confirmed();
      keptOld =
          kept(
              stream.old, stream.next, begun && provenOld >= 0 ? stream.overOld.old[provenOld] : 0);
      keptNext =
          kept(stream.next, stream.old, provenNext >= 0 ? stream.overNext.next[provenNext] : 0);
      old = prints(stream.old, keptOld);
      next = prints(stream.next, keptNext);
    }

    private static int[] kept(Events events, Events others, int proven) {
      int[] kept = new int[events.size + 1];
      for (int i = 0; i < events.size; i++) {
        boolean alone = i < proven && !others.kinds.contains(events.prints[i]);
        kept[i + 1] = kept[i] + (alone ? 0 : 1);
      }
      return kept;
    }

    private static long[] prints(Events events, int[] kept) {
      long[] prints = new long[kept[events.size]];
      for (int i = 0; i < events.size; i++) {
        if (kept[i + 1] > kept[i]) {
          prints[kept[i]] = events.prints[i];
        }
      }
      return prints;
    }

    OptionalInt shift() {
      int[] least = bounds(stream.overOld, true);
      int[] most = bounds(stream.overNext, false);
      int first = Math.min(old.length, Math.min(min(least), min(most))) - 1;
      int best = NOTHING_REPEATED;
      int fewest = againstNothing(least, most);
      int second = NEVER;
      for (int shift = first; shift < old.length; shift++) {
        int against = against(shift, least, most);
        if (against >= 2 * fewest + MARGIN) {
          continue;
        }
        against += mismatches(shift, ENOUGH);
        second = Math.min(second, Math.max(fewest, against));
        if (against < fewest) {
          fewest = against;
          best = shift;
        }
      }
      // A shift that is contradicted itself needs a larger margin.
      boolean certain = fewest < NEVER && second - fewest >= MARGIN + fewest / 2;
      return certain ? OptionalInt.of(best) : OptionalInt.empty();
    }

    OptionalInt likeliest() {
      int[] least = bounds(stream.overOld, true);
      int[] most = bounds(stream.overNext, false);
      int best = 0;
      int fewest = NEVER;
      boolean several = true;
      for (int shift = -next.length; shift < old.length && !(several && fewest == 0); shift++) {
        int both = Math.min(next.length, old.length - shift) - Math.max(0, -shift);
        int against = contradicted(shift, least, most);
        // A shift with as much evidence against it as for it is no candidate.
        int enough = Math.min(fewest + 1, (both + 1) / 2);
        against += mismatches(shift, enough);
        if (both < MARGIN || against >= enough) {
          continue;
        }
        several = against == fewest;
        fewest = against;
        best = shift;
      }
      return several ? OptionalInt.empty() : OptionalInt.of(best);
    }

    /** Returns the bounds set by the fences of one link, sorted, one for each observation. */
    private int[] bounds(Fences fences, boolean least) {
      int[] bounds = new int[fences.size];
      int count = 0;
      long at = 0;
      for (int i = 0; i < fences.size; i++) {
        int inNext = keptNext[fences.next[i]];
        if (!least && inNext == 0) {
          continue;
        }
        int bound = keptOld[fences.old[i]] - inNext;
        if (count > 0 && fences.at[i] - at < APART_NANOS) {
          int last = bounds[count - 1];
          bounds[count - 1] = least ? Math.max(last, bound) : Math.min(last, bound);
        } else {
          bounds[count++] = bound;
          at = fences.at[i];
        }
      }
      int[] sorted = Arrays.copyOf(bounds, count);
      Arrays.sort(sorted);
      return sorted;
    }

    private static int min(int[] sorted) {
      return sorted.length == 0 ? NEVER : sorted[0];
    }

    /** Returns how many of the sorted bounds are less than a shift. */
    private static int less(int[] sorted, int shift) {
      int from = 0;
      int to = sorted.length;
      while (from < to) {
        int middle = (from + to) / 2;
        if (sorted[middle] < shift) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    /**
     * Returns how many observations contradict that the next link began after the old one's end.
     */
    private int againstNothing(int[] least, int[] most) {
      if (!stream.joined) {
        return NEVER;
      }
      if (next.length == 0) {
        return 0;
      }
      int fewest = NEVER;
      int last = least.length == 0 ? old.length : Math.max(old.length, least[least.length - 1]);
      for (int shift = old.length; shift <= last; shift++) {
        fewest = Math.min(fewest, contradicted(shift, least, most));
      }
      return fewest;
    }

    private int against(int shift, int[] least, int[] most) {
      boolean wasThere = next.length == 0 && stream.joined && shift > keptOld[stream.atJoin];
      return contradicted(shift, least, most) + (wasThere ? MARGIN : 0);
    }

    private static int contradicted(int shift, int[] least, int[] most) {
      return least.length - less(least, shift + 1) + less(most, shift);
    }

    private int mismatches(int shift, int enough) {
      int count = 0;
      for (int j = Math.max(0, -shift); j < next.length && shift + j < old.length; j++) {
        count += old[shift + j] == next[j] ? 0 : 1;
        if (count >= enough) {
          break;
        }
      }
      return count;
    }

    void align(int shift, Alignment.Part part) {
      boolean straight = mismatches(shift, 1) == 0;
      ShiftedMatch match =
          straight ? ShiftedMatch.straight(old, next, shift) : ShiftedMatch.best(old, next, shift);
      for (int j = 0; j < stream.next.size; j++) {
        boolean alone = keptNext[j + 1] == keptNext[j];
        if (!alone && match.isRepeat(keptNext[j])) {
          part.repeats(stream.next.places[j]);
        }
      }
      for (int i = match.end(); i < old.length; i++) {
        part.awaits(old[i]);
      }
    }
  }
}
