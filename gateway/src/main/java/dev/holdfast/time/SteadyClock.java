package dev.holdfast.time;

/** The process's steady clock. Thread-safe. */
public final class SteadyClock {
  private SteadyClock() {}

  /** Nanoseconds with an arbitrary origin, never going back. */
  public static long nanoTime() {
    return System.nanoTime();
  }
}
