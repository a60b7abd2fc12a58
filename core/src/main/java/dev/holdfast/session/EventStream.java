package dev.holdfast.session;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The events of one stream on two links. Those without an equal on the other link are new there, or
 * have not arrived yet. For the others, an alignment is a shift: event {@code i} of the new link is
 * event {@code i + shift} of the old one. Confined to its aligner.
 */
final class EventStream {
  /** An event as one link delivered it. */
  private static final class Seen {
    private final long event;
    private final long at;
    private final int number;

    /** Whether the other link has delivered an equal event close enough in time to be this one. */
    private boolean hasLike;

    private Seen(long event, long at, int number) {
      this.event = event;
      this.at = at;
      this.number = number;
    }
  }

  private final long lag;
  private final List<Seen> old = new ArrayList<>();
  private final List<Seen> next = new ArrayList<>();
  private long joined;

  /**
   * Creates a stream without events.
   *
   * @param lag as in {@link Aligner}
   * @param joined time from which the new link is in every room
   */
  EventStream(long lag, long joined) {
    this.lag = lag;
    this.joined = joined;
  }

  void joined(long now) {
    joined = now;
  }

  void old(long event, long now) {
    add(new Seen(event, now, -1), old, next);
  }

  void next(long event, long now, int number) {
    add(new Seen(event, now, number), next, old);
  }

  private void add(Seen seen, List<Seen> mine, List<Seen> others) {
    for (int i = others.size() - 1; i >= 0 && seen.at - others.get(i).at <= lag; i--) {
      if (others.get(i).event == seen.event) {
        others.get(i).hasLike = true;
        seen.hasLike = true;
      }
    }
    mine.add(seen);
  }

  /** Forgets the old link's events before a time. Returns whether none is left. */
  boolean forgetBefore(long time) {
    int gone = 0;
    while (gone < old.size() && old.get(gone).at - time < 0) {
      gone++;
    }
    old.subList(0, gone).clear();
    return old.isEmpty();
  }

  /** Returns the number of events on both links. */
  int size() {
    return old.size() + next.size();
  }

  private static List<Seen> withLike(List<Seen> all) {
    return all.stream().filter(seen -> seen.hasLike).toList();
  }

  /** Returns whether the other link may still deliver the event. */
  private boolean isYoung(Seen seen, long now) {
    return now - seen.at <= lag;
  }

  private boolean isSame(Seen one, Seen other) {
    return one.event == other.event && Math.abs(one.at - other.at) <= lag;
  }

  /** Reports the repeats if there is only one alignment; otherwise returns false. */
  boolean alignOnly(long now, Alignment.Part part) {
    List<Seen> olds = withLike(old);
    List<Seen> nexts = withLike(next);
    OptionalInt shift = onlyShift(olds, nexts, now);
    if (shift.isEmpty()) {
      return false;
    }
    boolean meet = shift.getAsInt() < olds.size() || beganLate();
    if (!meet && old.stream().anyMatch(seen -> !seen.hasLike && isYoung(seen, now))) {
      // The new link may still deliver it, or may have joined too late for it.
      return false;
    }
    align(olds, nexts, shift.getAsInt(), now, part);
    return true;
  }

  /** Returns whether the stream began when both links were present. */
  private boolean beganLate() {
    return !old.isEmpty() && isAfterJoin(old.get(0));
  }

  /** Returns whether the new link was present when the event was sent. */
  private boolean isAfterJoin(Seen seen) {
    return seen.at - joined > lag;
  }

  private OptionalInt onlyShift(List<Seen> olds, List<Seen> nexts, long now) {
    OptionalInt found = OptionalInt.empty();
    for (int shift = 0; shift <= olds.size(); shift++) {
      if (agrees(olds, nexts, shift, now)) {
        if (found.isPresent()) {
          return OptionalInt.empty();
        }
        found = OptionalInt.of(shift);
      }
    }
    return found;
  }

  private boolean agrees(List<Seen> olds, List<Seen> nexts, int shift, long now) {
    for (int i = 0; i < nexts.size(); i++) {
      Seen seen = nexts.get(i);
      boolean agrees =
          i + shift < olds.size() ? isSame(seen, olds.get(i + shift)) : isYoung(seen, now);
      if (!agrees) {
        return false;
      }
    }
    int behind = shift + nexts.size();
    boolean wasThere = shift == 0 || !isAfterJoin(olds.get(shift - 1));
    return wasThere && (behind >= olds.size() || isYoung(olds.get(behind), now));
  }

  private void align(List<Seen> olds, List<Seen> nexts, int shift, long now, Alignment.Part part) {
    int both = Math.min(nexts.size(), olds.size() - shift);
    for (int i = 0; i < nexts.size(); i++) {
      // With any alignment, the old link has had the time to deliver events that are not young.
      if (i < both || !isYoung(nexts.get(i), now)) {
        part.repeats(nexts.get(i).number);
      }
    }
    // Later events of the old link are in transit over the new one.
    int from = both == 0 ? 0 : old.indexOf(olds.get(shift + both - 1)) + 1;
    old.subList(from, old.size()).stream()
        .filter(seen -> isYoung(seen, now))
        .forEach(seen -> part.awaits(seen.event));
  }

  /** Reports the repeats of the alignment that fits best. */
  void alignBest(long now, Alignment.Part part) {
    if (alignOnly(now, part)) {
      return;
    }
    List<Seen> olds = withLike(old);
    List<Seen> nexts = withLike(next);
    int best = 0;
    Fit bestFit = fit(olds, nexts, 0, now);
    for (int shift = 1; shift <= olds.size(); shift++) {
      Fit fit = fit(olds, nexts, shift, now);
      if (fit.isBetterThan(bestFit)) {
        best = shift;
        bestFit = fit;
      }
    }
    align(olds, nexts, best, now, part);
  }

  /** The misfit of an alignment: contradicting events, and the links' distance in time. */
  private record Fit(int against, double apart) {
    boolean isBetterThan(Fit other) {
      return against < other.against || (against == other.against && apart < other.apart);
    }
  }

  private Fit fit(List<Seen> olds, List<Seen> nexts, int shift, long now) {
    int both = Math.min(nexts.size(), olds.size() - shift);
    int against = 0;
    double distance = 0;
    for (int i = 0; i < both; i++) {
      against += isSame(nexts.get(i), olds.get(i + shift)) ? 0 : 1;
      distance += (double) (nexts.get(i).at - olds.get(i + shift).at) / both;
    }
    double apart = both < 2 ? lag : Math.abs(distance) / 10;
    for (int i = 0; i < both; i++) {
      apart += Math.abs(nexts.get(i).at - olds.get(i + shift).at - distance) / both;
    }
    against += (int) olds.stream().limit(shift).filter(this::isAfterJoin).count();
    against += (int) nexts.stream().skip(both).filter(seen -> !isYoung(seen, now)).count();
    against += (int) olds.stream().skip(shift + both).filter(seen -> !isYoung(seen, now)).count();
    return new Fit(against, apart);
  }
}
