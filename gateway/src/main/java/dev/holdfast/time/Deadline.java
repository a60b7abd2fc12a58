package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A point in time on the steady clock. Immutable. */
public record Deadline(long nanoTime) {
  /** The point that is so far ahead. */
  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** What is left until then; zero when it is over. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  /** Whether it has passed. */
  public boolean isOver() {
    return left().isZero();
  }

  /** Blocks the calling thread, at most until then. */
  public void pause(Duration duration) throws InterruptedException {
    Duration left = left();
    TimeUnit.NANOSECONDS.sleep((duration.compareTo(left) < 0 ? duration : left).toNanos());
  }
}
