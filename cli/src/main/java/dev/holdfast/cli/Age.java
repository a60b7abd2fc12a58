package dev.holdfast.cli;

/** Formats time spans. */
final class Age {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Age() {}

  /** Formats seconds with their two largest units: {@code 3h12m}. */
  static String of(long seconds) {
    long span = Math.max(0, seconds);
    if (span < MINUTE) {
      return span + "s";
    } else if (span < HOUR) {
      return span / MINUTE + "m" + span % MINUTE + "s";
    } else if (span < DAY) {
      return span / HOUR + "h" + span % HOUR / MINUTE + "m";
    }
    return span / DAY + "d" + span % DAY / HOUR + "h";
  }
}
