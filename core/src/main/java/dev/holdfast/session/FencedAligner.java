package dev.holdfast.session;

import dev.holdfast.session.LinkFence.Link;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events of a next link that the old link has already delivered, by fences. A fence shows
 * that a position on one link is before a position on the other. All times are steady nanoseconds.
 * Confined to its switchover.
 *
 * @see FencedStream
 * @see Aligner
 */
final class FencedAligner {
  /** Maximum number of remembered events, of both links. */
  static final int MAX_EVENTS = 32_768;

  /**
   * Number of incompletely observed fences that are remembered, of all sessions. The oldest is
   * forgotten first.
   */
  private static final int MAX_FENCES = 256;

  /** The known positions of a fence. */
  private static final class Fence {
    private int inOld = -1;
    private int inNext = -1;
    private long answeredAt;
  }

  private final Map<Long, FencedStream> streams = new HashMap<>();

  /** Fences that only one link has shown so far. */
  private final Map<Long, Fence> fences =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Fence> eldest) {
          return size() > MAX_FENCES;
        }
      };

  /** Pending fences of this session, by the link over which they were sent. */
  private final Map<Link, Set<Long>> open =
      Map.of(Link.OLD, new HashSet<>(), Link.NEXT, new HashSet<>());

  private int broughtByOld;
  private int broughtByNext;
  private int events;
  private boolean joined;

  /** The stream that was uncertain at the last check. */
  private @Nullable FencedStream doubtful;

  /** Records an event of a link; null for one that the other link cannot carry. */
  void brought(Link link, @Nullable Fingerprint event) {
    int place = link == Link.OLD ? broughtByOld++ : broughtByNext++;
    if (event == null || isFull()) {
      return;
    }
    events++;
    FencedStream stream = streams.computeIfAbsent(event.stream(), key -> fresh());
    if (link == Link.OLD) {
      stream.old(event.event(), place);
    } else {
      stream.next(event.event(), place);
    }
  }

  private FencedStream fresh() {
    FencedStream stream = new FencedStream();
    stream.joined(joined);
    return stream;
  }

  /** Returns the number of events that a link has delivered. */
  int brought(Link link) {
    return link == Link.OLD ? broughtByOld : broughtByNext;
  }

  /** Forgets the events that the old link delivered before this position. */
  void forgetBefore(int place) {
    streams.values().removeIf(stream -> stream.forgetBefore(place));
    events = streams.values().stream().mapToInt(FencedStream::size).sum();
  }

  /** Records a fence of this session that is sent over a link. */
  void sent(long number, Link over) {
    openOver(over).add(number);
  }

  private Set<Long> openOver(Link over) {
    return Objects.requireNonNull(open.get(over));
  }

  /** Returns the number of pending fences of this session that were sent over a link. */
  int open(Link over) {
    return openOver(over).size();
  }

  /**
   * Records the position of a fence on a link, of this session or another one.
   *
   * @param over the link over which it was sent
   */
  void seen(Link on, long number, Link over, long now) {
    Fence fence = fences.computeIfAbsent(number, key -> new Fence());
    if (on == Link.OLD) {
      fence.inOld = broughtByOld;
    } else {
      fence.inNext = broughtByNext;
    }
    if (on == over) {
      fence.answeredAt = now;
    }
    if (fence.inOld >= 0 && fence.inNext >= 0) {
      fences.remove(number);
      openOver(over).remove(number);
      boolean overOld = over == Link.OLD;
      streams
          .values()
          .forEach(each -> each.fence(overOld, fence.inOld, fence.inNext, fence.answeredAt));
    }
  }

  /** Returns whether a fence of this session is no longer pending. */
  boolean isComplete(long number) {
    return open.values().stream().noneMatch(each -> each.contains(number));
  }

  /** Records whether fences have shown that the next link is in every room of the old one. */
  void joined(boolean is) {
    joined = is;
    streams.values().forEach(stream -> stream.joined(is));
  }

  boolean isJoined() {
    return joined;
  }

  /** Returns whether there is nothing to align. */
  boolean isEmpty() {
    return streams.isEmpty();
  }

  /**
   * Returns whether the limit of remembered events is reached. The decision then uses what is
   * known.
   */
  boolean isFull() {
    return events >= MAX_EVENTS;
  }

  /**
   * Returns the alignment of all streams; empty if one of them is uncertain.
   *
   * @param until time until which the next link may still deliver what the old one has delivered
   */
  Optional<Alignment> certain(long until) {
    if (doubtful != null && doubtful.shift().isEmpty()) {
      return Optional.empty();
    }
    Map<Long, Integer> shifts = new HashMap<>();
    for (Map.Entry<Long, FencedStream> each : streams.entrySet()) {
      OptionalInt shift = each.getValue().shift();
      if (shift.isEmpty()) {
        doubtful = each.getValue();
        return Optional.empty();
      }
      shifts.put(each.getKey(), shift.getAsInt());
    }
    Alignment alignment = new Alignment(until);
    shifts.forEach(
        (key, shift) -> Objects.requireNonNull(streams.get(key)).align(shift, alignment.of(key)));
    return Optional.of(alignment);
  }

  /**
   * Aligns the streams with one alignment that is likelier than all others. Returns those streams.
   */
  Set<Long> alignLikeliest(Alignment alignment) {
    Set<Long> aligned = new HashSet<>();
    streams.forEach(
        (key, stream) ->
            stream
                .likeliest()
                .ifPresent(
                    shift -> {
                      stream.align(shift, alignment.of(key));
                      aligned.add(key);
                    }));
    return aligned;
  }
}
