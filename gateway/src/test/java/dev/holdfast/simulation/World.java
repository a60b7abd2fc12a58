package dev.holdfast.simulation;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Virtual time, and everything that happens in it, in one order that the seed decides. */
final class World {
  private record Event(long at, long number, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private final SplittableRandom random;
  private final Trace trace;
  private final InternalErrors errors;
  private final Injector injector;
  private long now;
  private long number;

  /** The event loop that runs now; null between its turns. */
  @Nullable SimulatedLoop running;

  World(SplittableRandom random, Trace trace, InternalErrors errors, Injector injector) {
    this.injector = injector;
    this.errors = errors;
    this.random = random;
    this.trace = trace;
  }

  long now() {
    return now;
  }

  SplittableRandom random() {
    return random;
  }

  /** What a node calls may throw. */
  Injector injector() {
    return injector;
  }

  Trace trace() {
    return trace;
  }

  /** Lets something happen later. */
  void after(long nanos, Runnable action) {
    events.add(new Event(now + Math.max(0, nanos), number++, action));
  }

  void after(Duration delay, Runnable action) {
    after(delay.toNanos(), action);
  }

  /** A random time between these. */
  long between(Duration least, Duration most) {
    long from = least.toNanos();
    return from + random.nextLong(Math.max(1, most.toNanos() - from));
  }

  /** Lets time pass. */
  void pass(Duration time) {
    long end = now + time.toNanos();
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event next = events.remove();
      now = next.at();
      try {
        next.action().run();
      } catch (RejectedExecutionException e) {
        // It was for a process that has ended.
      }
      errors.check();
    }
    now = end;
  }
}
