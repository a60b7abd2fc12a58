package dev.holdfast.time;

import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Logs a frequent event at most once a minute, with its count. Thread-safe. */
public final class LogThrottle {
  private static final long BETWEEN_LINES = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;
  private boolean logged;
  private long lastLogged;
  private long sinceLastLine;

  /** Creates a throttle that has not logged yet. */
  public LogThrottle() {
    this(SteadyClock::nanoTime);
  }

  /** Creates a throttle with this steady clock, in nanoseconds. */
  public LogThrottle(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * Records an event.
   *
   * @param line logs the event if a line is due; receives the number of events since the last line,
   *     including this one
   */
  public void run(LongConsumer line) {
    long count = due();
    if (count > 0) {
      line.accept(count);
    }
  }

  /** Returns the end of a line that stands for this many times; empty for one. */
  public static String more(long count) {
    return count == 1 ? "" : "; " + (count - 1) + " more since the last such line";
  }

  /** Returns whether the next event would be logged. */
  public synchronized boolean isDue() {
    return !logged || clock.getAsLong() - lastLogged >= BETWEEN_LINES;
  }

  private synchronized long due() {
    sinceLastLine++;
    if (!isDue()) {
      return 0;
    }
    logged = true;
    lastLogged = clock.getAsLong();
    long count = sinceLastLine;
    sinceLastLine = 0;
    return count;
  }
}
