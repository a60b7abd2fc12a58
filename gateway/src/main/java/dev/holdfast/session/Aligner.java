package dev.holdfast.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out which events of a new link an old link has delivered already. Both carry the events of
 * the rooms that their sids are in, some are for one sid only, and many look alike:
 *
 * <pre>
 *   old   … Once  upon  a  time  the  cat  sat  on  the
 *   next                         the  cat  sat  on  the  mat  …    to be delivered from here: mat
 * </pre>
 *
 * What is known: an event that both carry comes over both within {@code lag}, and in one order with
 * the others of its stream. If only one alignment of each stream agrees with that, it is the true
 * one. Knows no clock, all times are steady nanoseconds. Confined to its session.
 */
final class Aligner {
  /** Events of both links that are remembered. */
  static final int MAX_EVENTS = 8192;

  private static final long NOT_YET = Long.MAX_VALUE / 2;

  private final long lag;
  private final Map<Long, EventStream> streams = new HashMap<>();
  private boolean linked;
  private long joined = NOT_YET;
  private int events;
  private int next;

  /**
   * An aligner that has seen nothing.
   *
   * @param lag how much later than over one link an event comes over the other at most. The old
   *     link is to be watched for so long before the new one is opened
   */
  Aligner(Duration lag) {
    this.lag = lag.toNanos();
  }

  /** The old link has delivered an event. */
  void old(Fingerprint event, long now) {
    if (isFull()) {
      return;
    }
    events++;
    stream(event).old(event.event(), now);
    if (!linked) {
      events = 0;
      streams.values().removeIf(stream -> stream.forgetBefore(now - lag));
      streams.values().forEach(stream -> events += stream.size());
    }
  }

  /** The new link is open: what the old one brings from now on is kept. */
  void linked() {
    linked = true;
  }

  /** From then on the new link is in all rooms that the old one is in. */
  void joined(long from) {
    joined = from;
    streams.values().forEach(stream -> stream.joined(from));
  }

  /** It is not known when it will be. */
  void notJoined() {
    joined(NOT_YET);
  }

  /** The new link has brought an event; its number is the count of those before it. */
  void next(Fingerprint event, long now) {
    if (isFull()) {
      next++;
    } else {
      events++;
      stream(event).next(event.event(), now, next++);
    }
  }

  /** The new link has brought one that the old one cannot have brought. */
  void nextAlone() {
    events++;
    next++;
  }

  private EventStream stream(Fingerprint event) {
    return streams.computeIfAbsent(event.stream(), key -> new EventStream(lag, joined));
  }

  /** Whether no more events are remembered: what is known has to do. */
  boolean isFull() {
    return events >= MAX_EVENTS;
  }

  /** The one alignment there is; empty if there are several, or none yet. */
  Optional<Alignment> only(long now) {
    Alignment alignment = new Alignment(now + lag);
    for (Map.Entry<Long, EventStream> each : streams.entrySet()) {
      if (!each.getValue().alignOnly(now, alignment.of(each.getKey()))) {
        return Optional.empty();
      }
    }
    return Optional.of(alignment);
  }

  /**
   * Aligns each stream as fits best, for when a better alignment is waited for no longer.
   *
   * @param aligned streams that are aligned already
   */
  void alignBest(long now, Alignment alignment, Set<Long> aligned) {
    streams.forEach(
        (key, stream) -> {
          if (!aligned.contains(key)) {
            stream.alignBest(now, alignment.of(key));
          }
        });
  }
}
