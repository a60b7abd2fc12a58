package dev.holdfast.proxy;

import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Requests that wait for an upstream to come back, a bounded number of them, which clients share.
 * They are called in one by one: a thousand pages that waited would otherwise meet the upstream in
 * the moment of its start. Costs no thread, and no timer until somebody is called. Thread-safe.
 */
final class HoldQueue {
  /** Between two that are called in: 400 a second. */
  private static final Duration APART = Duration.ofNanos(2_500_000);

  /** Long enough for a health check to find out what a failed connection meant. */
  private static final Duration SOON = Duration.ofMillis(500);

  /** A request that waits. */
  interface Guest {
    /** Who sent it. */
    Peer peer();

    /** Timers of its I/O thread. */
    Timers timers();

    /** It has left the room and may try; called on its I/O thread. */
    void comeIn();
  }

  private final Pool places;
  private final IntConsumer counted;
  private final Map<Guest, Holding> waiting = new LinkedHashMap<>();
  private volatile boolean closed;

  /**
   * @param places one for each request that may wait
   * @param counted told {@code 1} or {@code -1} for each that comes or goes
   */
  HoldQueue(Pool places, IntConsumer counted) {
    this.places = places;
    this.counted = counted;
  }

  /** Lets it wait, unless the room is closed, or full for whoever sent it. */
  boolean enter(Guest guest) {
    Optional<Holding> place;
    synchronized (waiting) {
      place = closed ? Optional.empty() : places.take(guest.peer(), 1);
      place.ifPresent(it -> waiting.put(guest, it));
    }
    place.ifPresent(it -> counted.accept(1));
    return place.isPresent();
  }

  /** It does not wait any longer; false if it was not there. */
  boolean leave(Guest guest) {
    Holding place;
    synchronized (waiting) {
      place = waiting.remove(guest);
    }
    if (place == null) {
      return false;
    }
    place.release();
    counted.accept(-1);
    return true;
  }

  /** An upstream is back: everybody is called in, the longest waiting first. */
  void open() {
    List<Guest> called;
    synchronized (waiting) {
      called = List.copyOf(waiting.keySet());
    }
    for (int place = 0; place < called.size(); place++) {
      callIn(called.get(place), APART.multipliedBy(place));
    }
  }

  /** From now on nobody waits here: everybody is called in. */
  void close() {
    closed = true;
    open();
  }

  /** Calls one in that found an upstream which is said to be healthy. */
  void callSoon(Guest guest) {
    callIn(guest, SOON);
  }

  private void callIn(Guest guest, Duration delay) {
    Runnable call =
        () -> {
          if (leave(guest)) {
            guest.comeIn();
          }
        };
    var unused = guest.timers().after(delay, call);
  }
}
