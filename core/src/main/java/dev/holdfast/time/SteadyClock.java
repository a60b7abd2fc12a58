package dev.holdfast.time;

/** The steady clock of the process. Thread-safe. */
public final class SteadyClock {
  private SteadyClock() {}

  /** Returns nanoseconds with an arbitrary origin that never go back. */
  public static long nanoTime() {
    return System.nanoTime();
  }
}
