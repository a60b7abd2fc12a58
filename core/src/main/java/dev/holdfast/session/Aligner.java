package dev.holdfast.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the events of a new link that the old link has already delivered. Both carry the events of
 * the rooms that their sids are in. Some events are for one sid only, and many look alike:
 *
 * <pre>
 *   old   … Once  upon  a  time  the  cat  sat  on  the
 *   next                         the  cat  sat  on  the  mat  …    to be delivered from here: mat
 * </pre>
 *
 * <p>An event that both links carry arrives over both within {@code lag}, and in the same order as
 * the other events of its stream. If only one alignment of each stream agrees with that, it is the
 * true one. Knows no clock: all times are steady nanoseconds. Confined to its session.
 */
final class Aligner {
  /** Maximum number of remembered events, of both links. */
  static final int MAX_EVENTS = 8192;

  private static final long NOT_YET = Long.MAX_VALUE / 2;

  private final long lag;
  private final Map<Long, EventStream> streams = new HashMap<>();
  private boolean linked;
  private long joined = NOT_YET;
  private int events;
  private int next;

  /**
   * Creates an aligner without events.
   *
   * @param lag maximum delay between the deliveries of an event over the two links. The old link
   *     has to be observed this long before the new one is opened
   */
  Aligner(Duration lag) {
    this.lag = lag.toNanos();
  }

  /** Records an event of the old link. */
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

  /** Records that the new link is open. From now on, events of the old link are kept. */
  void linked() {
    linked = true;
  }

  /** Records the time from which the new link is in every room of the old one. */
  void joined(long from) {
    joined = from;
    streams.values().forEach(stream -> stream.joined(from));
  }

  /** Records that this time is unknown. */
  void notJoined() {
    joined(NOT_YET);
  }

  /** Records an event of the new link. Its number is the count of earlier ones. */
  void next(Fingerprint event, long now) {
    if (isFull()) {
      next++;
    } else {
      events++;
      stream(event).next(event.event(), now, next++);
    }
  }

  /** Records an event of the new link that the old one cannot carry. */
  void nextAlone() {
    events++;
    next++;
  }

  private EventStream stream(Fingerprint event) {
    return streams.computeIfAbsent(event.stream(), key -> new EventStream(lag, joined));
  }

  /**
   * Returns whether the limit of remembered events is reached. The decision then uses what is
   * known.
   */
  boolean isFull() {
    return events >= MAX_EVENTS;
  }

  /** Returns the only possible alignment; empty if there are several, or none yet. */
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
   * Aligns each stream as well as possible, when no better alignment is awaited.
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
