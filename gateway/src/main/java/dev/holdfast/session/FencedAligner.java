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
 * Finds out which events of a next link an old link has delivered already, by fences: places of
 * which it is known that the one on the one link stands before the one on the other. All times are
 * steady nanoseconds. Confined to its switchover.
 *
 * @see FencedStream
 * @see Aligner
 */
final class FencedAligner {
  /** Events of both links that are remembered. */
  static final int MAX_EVENTS = 32_768;

  /** Fences of other sessions are forgotten when so many later ones have come. */
  private static final int MAX_FENCES = 256;

  /** What has been seen of a fence. */
  private static final class Fence {
    private int inOld = -1;
    private int inNext = -1;
    private long answeredAt;
  }

  private final Map<Long, FencedStream> streams = new HashMap<>();

  /** Fences that one link has shown, or none yet. */
  private final Map<Long, Fence> fences =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Fence> eldest) {
          return size() > MAX_FENCES;
        }
      };

  /** Fences of this session that are in these, by the link that they were sent over. */
  private final Map<Link, Set<Long>> open =
      Map.of(Link.OLD, new HashSet<>(), Link.NEXT, new HashSet<>());

  private int broughtByOld;
  private int broughtByNext;
  private int events;
  private boolean joined;

  /** The stream that was not certain at the last look. */
  private @Nullable FencedStream doubtful;

  /** A link has brought an event; null if it is one that the other link cannot bring. */
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

  /** How many events a link has brought. */
  int brought(Link link) {
    return link == Link.OLD ? broughtByOld : broughtByNext;
  }

  /** Forgets what the old link brought before it had brought so many events. */
  void forgetBefore(int place) {
    streams.values().removeIf(stream -> stream.forgetBefore(place));
    events = streams.values().stream().mapToInt(FencedStream::size).sum();
  }

  /** A fence of this session is sent over a link. */
  void sent(long number, Link over) {
    openOver(over).add(number);
  }

  private Set<Long> openOver(Link over) {
    return Objects.requireNonNull(open.get(over));
  }

  /** Fences of this session sent over a link, of which not everything has been seen. */
  int open(Link over) {
    return openOver(over).size();
  }

  /**
   * A link has shown the place of a fence, of this session or another one.
   *
   * @param over the link that it was sent over
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

  /** Whether nothing of a fence of this session is awaited any more. */
  boolean isComplete(long number) {
    return open.values().stream().noneMatch(each -> each.contains(number));
  }

  /** Whether the next link is in all rooms that the old one is in, as fences have shown. */
  void joined(boolean is) {
    joined = is;
    streams.values().forEach(stream -> stream.joined(is));
  }

  boolean isJoined() {
    return joined;
  }

  /** Whether there is anything to align. */
  boolean isEmpty() {
    return streams.isEmpty();
  }

  /** Whether no more events are remembered: what is known has to do. */
  boolean isFull() {
    return events >= MAX_EVENTS;
  }

  /**
   * The alignment of all streams; empty if one of them is not certain.
   *
   * @param until when the next link may still bring what the old one has delivered
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

  /** Aligns streams of which one alignment is likelier than all others; says which those are. */
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
