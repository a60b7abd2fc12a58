package dev.holdfast.session;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Which events of a new link are not to be delivered, since the old link has delivered them: some
 * that have come, and some that are still on their way. Confined to its session.
 */
final class Alignment {
  private final BitSet repeats = new BitSet();
  private final Map<Long, Deque<Long>> awaited = new HashMap<>();
  private final long until;

  /** Nothing is repeated yet; what is awaited comes by then, or not at all. */
  Alignment(long until) {
    this.until = until;
  }

  /** Takes what is said about one stream. */
  final class Part {
    private final long stream;

    private Part(long stream) {
      this.stream = stream;
    }

    /** The new link's event of this number is a repetition. */
    void repeats(int number) {
      repeats.set(number);
    }

    /** This event, which the old link has delivered, may come over the new link yet. */
    void awaits(long event) {
      awaited.computeIfAbsent(stream, key -> new ArrayDeque<>()).add(event);
    }
  }

  /** The part of a stream. */
  Part of(long stream) {
    return new Part(stream);
  }

  /** Whether the new link's event of this number is a repetition. */
  boolean isRepeat(int number) {
    return repeats.get(number);
  }

  /** Whether an event that comes now is a repetition; each is one once. */
  boolean isLateRepeat(Fingerprint event, long now) {
    Deque<Long> events = awaits(now) ? awaited.get(event.stream()) : null;
    if (events == null || !events.contains(event.event())) {
      return false;
    }
    // What was awaited before it was for the old link alone: one link keeps the order.
    while (events.remove() != event.event()) {}
    if (events.isEmpty()) {
      awaited.remove(event.stream());
    }
    return true;
  }

  /** Whether repetitions may come yet. */
  boolean awaits(long now) {
    return !awaited.isEmpty() && now - until <= 0;
  }
}
