package dev.holdfast.proxy;

import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Requests that wait for an upstream to come back, a bounded number of them. They are called in one
 * by one: a thousand pages that waited would otherwise meet the upstream in the moment of its
 * start. Costs no thread, and no timer until somebody is called. Thread-safe.
 */
final class WaitingRoom {
  /** Between two that are called in: 400 a second. */
  private static final Duration APART = Duration.ofNanos(2_500_000);

  /** Long enough for a health check to find out what a failed connection meant. */
  private static final Duration SOON = Duration.ofMillis(500);

  /** A request that waits. */
  interface Guest {
    /** Timers of its I/O thread. */
    Timers timers();

    /** It has left the room and may try; called on its I/O thread. */
    void comeIn();
  }

  private final int limit;
  private final IntConsumer counted;
  private final Set<Guest> waiting = new LinkedHashSet<>();
  private volatile boolean closed;

  /**
   * @param limit requests that may wait
   * @param counted told {@code 1} or {@code -1} for each that comes or goes
   */
  WaitingRoom(int limit, IntConsumer counted) {
    this.limit = limit;
    this.counted = counted;
  }

  /** Lets it wait, unless the room is full or closed. */
  boolean enter(Guest guest) {
    synchronized (waiting) {
      if (closed || waiting.size() >= limit || !waiting.add(guest)) {
        return false;
      }
    }
    counted.accept(1);
    return true;
  }

  /** It does not wait any longer; false if it was not there. */
  boolean leave(Guest guest) {
    boolean left;
    synchronized (waiting) {
      left = waiting.remove(guest);
    }
    if (left) {
      counted.accept(-1);
    }
    return left;
  }

  /** An upstream is back: everybody is called in, the longest waiting first. */
  void open() {
    List<Guest> called;
    synchronized (waiting) {
      called = List.copyOf(waiting);
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
