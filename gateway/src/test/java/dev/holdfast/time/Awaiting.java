package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits in tests for what other threads do. */
public final class Awaiting {
  /** Far beyond what anything takes, on a busy machine too. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final Duration STEP = Duration.ofMillis(5);

  private Awaiting() {}

  /** Returns when the condition holds; fails if it does not in time. */
  public static void until(BooleanSupplier condition) {
    until("a condition", condition);
  }

  /**
   * The same.
   *
   * @param what is awaited, for the message
   */
  public static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + TIMEOUT + ": " + what);
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
