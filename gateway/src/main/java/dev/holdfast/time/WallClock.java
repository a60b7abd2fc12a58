package dev.holdfast.time;

/**
 * The time of day, for people to read, for tokens that expire, and for what machines have to agree
 * on. Whoever decides by it takes it as a parameter. Thread-safe.
 */
public final class WallClock {
  private static final long MILLIS = 1000;

  private WallClock() {}

  /** Seconds since 1970. */
  public static long seconds() {
    return millis() / MILLIS;
  }

  /** Milliseconds since 1970. */
  public static long millis() {
    return System.currentTimeMillis();
  }
}
