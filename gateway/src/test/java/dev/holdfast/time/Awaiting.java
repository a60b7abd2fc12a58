package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits in tests for what other threads do. */
public final class Awaiting {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private Awaiting() {}

  /** Returns when the condition holds; fails if it does not in time. */
  public static void until(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + TIMEOUT);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
