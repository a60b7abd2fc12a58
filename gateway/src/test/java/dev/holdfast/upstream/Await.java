package dev.holdfast.upstream;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do, with a deadline far beyond what it takes. */
final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofMillis(5);

  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + DEADLINE + ": " + what);
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
