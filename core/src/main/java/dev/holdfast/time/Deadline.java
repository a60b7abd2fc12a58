package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A point in time on the steady clock. Immutable. */
public record Deadline(long nanoTime) {
  /** Returns the deadline this far ahead. */
  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** Returns the remaining time; zero if the deadline has passed. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  /** Returns whether the deadline has passed. */
  public boolean isOver() {
    return left().isZero();
  }

  /** Sleeps for this duration, but not beyond the deadline. */
  public void pause(Duration duration) throws InterruptedException {
    Duration left = left();
    TimeUnit.NANOSECONDS.sleep((duration.compareTo(left) < 0 ? duration : left).toNanos());
  }
}
