package dev.holdfast.time;

/**
 * The time of day, for display, for token expiry, and for agreement between machines. Code that
 * decides by it receives it as a parameter. Thread-safe.
 */
public final class WallClock {
  private static final long MILLIS = 1000;

  private WallClock() {}

  /** Returns seconds since 1970. */
  public static long seconds() {
    return millis() / MILLIS;
  }

  /** Returns milliseconds since 1970. */
  public static long millis() {
    return System.currentTimeMillis();
  }
}
