package dev.holdfast.session;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The events of a new link that must not be delivered because the old link has delivered them. Some
 * have arrived, others are still in transit. Confined to its session.
 */
final class Alignment {
  private final BitSet repeats = new BitSet();
  private final Map<Long, Deque<Long>> awaited = new HashMap<>();
  private final long until;

  /**
   * Creates an alignment without repeats.
   *
   * @param until steady time in nanoseconds after which awaited events are not repeats
   */
  Alignment(long until) {
    this.until = until;
  }

  /** Collects the results of one stream. */
  final class Part {
    private final long stream;

    private Part(long stream) {
      this.stream = stream;
    }

    /** Marks the new link's event of this number as a repeat. */
    void repeats(int number) {
      repeats.set(number);
    }

    /** Adds an event that the old link has delivered and the new link may still deliver. */
    void awaits(long event) {
      awaited.computeIfAbsent(stream, key -> new ArrayDeque<>()).add(event);
    }
  }

  /** Returns the part of a stream. */
  Part of(long stream) {
    return new Part(stream);
  }

  /** Returns whether the new link's event of this number is a repeat. */
  boolean isRepeat(int number) {
    return repeats.get(number);
  }

  /** Returns whether an event that arrives now is a repeat. Each awaited event matches once. */
  boolean isLateRepeat(Fingerprint event, long now) {
    Deque<Long> events = awaits(now) ? awaited.get(event.stream()) : null;
    if (events == null || !events.contains(event.event())) {
      return false;
    }
    // Earlier awaited events were for the old link alone, since one link keeps the order.
    while (events.remove() != event.event()) {}
    if (events.isEmpty()) {
      awaited.remove(event.stream());
    }
    return true;
  }

  /** Returns whether repeats may still arrive. */
  boolean awaits(long now) {
    return !awaited.isEmpty() && now - until <= 0;
  }
}
