package dev.holdfast.proxy;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioIoThread;

/**
 * The proxy's state on one I/O thread: buffers, idle connections, and everything under a time
 * limit. Time limits are checked together at an interval, so that requests need no timers. Confined
 * to its I/O thread.
 */
final class IoContext {
  private static final Duration LONGEST_INTERVAL = Duration.ofMillis(250);

  /** Something under a time limit. */
  interface Timed {
    /** Checks its time limits at this steady time in nanoseconds. */
    void tick(long now);
  }

  private final XnioIoThread thread;
  private final ErrorBoundary boundary;
  private final long interval;
  private final long keepAlive;
  private final Blocks blocks = new Blocks();
  private final HeadWriter heads = new HeadWriter();
  private final Map<ConnectionPool, ArrayDeque<UpstreamConnection>> idle = new HashMap<>();
  private final List<Timed> timed = new ArrayList<>();
  private boolean watching;

  /**
   * @param shortest the shortest of the time limits
   * @param keepAlive how long an idle connection is kept
   * @param onError called after an internal error outside a request
   */
  IoContext(XnioIoThread thread, Duration shortest, Duration keepAlive, Runnable onError) {
    this.thread = thread;
    this.boundary = ErrorBoundary.lasting("the proxy's watch over time limits", onError);
    this.keepAlive = keepAlive.toNanos();
    this.interval = Math.min(shortest.dividedBy(4).toNanos(), LONGEST_INTERVAL.toNanos());
  }

  XnioIoThread thread() {
    return thread;
  }

  Blocks blocks() {
    return blocks;
  }

  /** Returns the thread's shared head writer. */
  HeadWriter heads() {
    return heads;
  }

  /** Returns the idle connections of a pool on this thread, the longest idle first. */
  ArrayDeque<UpstreamConnection> idle(ConnectionPool pool) {
    return idle.computeIfAbsent(pool, none -> new ArrayDeque<>());
  }

  /** Adds an object whose time limits are checked periodically. */
  void add(Timed one) {
    timed.add(one);
    watch();
  }

  void remove(Timed one) {
    int at = timed.lastIndexOf(one);
    int last = timed.size() - 1;
    if (at >= 0) {
      timed.set(at, timed.get(last));
      timed.remove(last);
    }
  }

  /** Starts to check time limits, for as long as there are any. */
  void watch() {
    if (!watching) {
      watching = true;
      thread.executeAfter(this::tick, interval, TimeUnit.NANOSECONDS);
    }
  }

  private void tick() {
    watching = false;
    long now = SteadyClock.nanoTime();
    for (Timed one : List.copyOf(timed)) {
      one.tick(now);
    }
    boundary.run(() -> closeUnused(now));
    if (!timed.isEmpty() || !idle.isEmpty()) {
      watch();
    }
  }

  private void closeUnused(long now) {
    idle.keySet().forEach(pool -> pool.closeIdle(this, now - keepAlive));
    // Nodes come and go under different addresses.
    idle.values().removeIf(ArrayDeque::isEmpty);
  }

  /** Closes all idle connections. */
  void closeIdle() {
    idle.keySet().forEach(pool -> pool.closeIdle(this, SteadyClock.nanoTime()));
  }
}
