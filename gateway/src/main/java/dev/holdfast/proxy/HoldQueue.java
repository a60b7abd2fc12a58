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
 * Holds a bounded number of requests until an upstream recovers; clients share the places. The
 * requests are released one by one, because otherwise a thousand waiting pages would hit the
 * upstream the moment it starts. Uses no thread, and no timer until requests are released.
 * Thread-safe.
 */
final class HoldQueue {
  /** Interval between released requests: 400 per second. */
  private static final Duration INTERVAL = Duration.ofNanos(2_500_000);

  /** Long enough for a health check to confirm a failed connection. */
  private static final Duration SOON = Duration.ofMillis(500);

  /** A waiting request. */
  interface PendingRequest {
    /** Returns the peer whose quota it counts against. */
    Peer peer();

    /** Returns the timers of its I/O thread. */
    Timers timers();

    /** Called on its I/O thread when it has left the queue and may retry. */
    void released();
  }

  private final Pool places;
  private final IntConsumer counted;
  private final Map<PendingRequest, Holding> waiting = new LinkedHashMap<>();
  private volatile boolean closed;

  /**
   * @param places one for each request that may wait
   * @param counted receives {@code 1} or {@code -1} for each request that enters or leaves
   */
  HoldQueue(Pool places, IntConsumer counted) {
    this.places = places;
    this.counted = counted;
  }

  /** Adds a request; returns false if the queue is closed or the client's share is used up. */
  boolean enter(PendingRequest request) {
    Optional<Holding> place;
    synchronized (waiting) {
      place = closed ? Optional.empty() : places.take(request.peer(), 1);
      place.ifPresent(it -> waiting.put(request, it));
    }
    place.ifPresent(it -> counted.accept(1));
    return place.isPresent();
  }

  /** Removes a request; returns false if it was not waiting. */
  boolean leave(PendingRequest request) {
    Holding place;
    synchronized (waiting) {
      place = waiting.remove(request);
    }
    if (place == null) {
      return false;
    }
    place.release();
    counted.accept(-1);
    return true;
  }

  /** Releases all requests in arrival order, because an upstream has recovered. */
  void releaseAll() {
    List<PendingRequest> released;
    synchronized (waiting) {
      released = List.copyOf(waiting.keySet());
    }
    for (int place = 0; place < released.size(); place++) {
      releaseAfter(released.get(place), INTERVAL.multipliedBy(place));
    }
  }

  /** Releases all requests and accepts no more. */
  void close() {
    closed = true;
    releaseAll();
  }

  /** Releases a request whose upstream was reported healthy as it entered. */
  void releaseSoon(PendingRequest request) {
    releaseAfter(request, SOON);
  }

  private void releaseAfter(PendingRequest request, Duration delay) {
    Runnable call =
        () -> {
          if (leave(request)) {
            request.released();
          }
        };
    var unused = request.timers().after(delay, call);
  }
}
