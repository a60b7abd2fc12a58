package dev.holdfast.time;

/** The time of day, for people to read; nothing is decided by it. Thread-safe. */
public final class WallClock {
  private static final long MILLIS = 1000;

  private WallClock() {}

  /** Seconds since 1970. */
  public static long seconds() {
    return System.currentTimeMillis() / MILLIS;
  }
}
