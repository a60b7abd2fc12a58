package dev.holdfast.time;

import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Logs something that may happen often once a minute at most, and how often. Thread-safe. */
public final class LogThrottle {
  private static final long BETWEEN_LINES = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;
  private boolean said;
  private long saidAt;
  private long unsaid;

  /** One that has not logged yet. */
  public LogThrottle() {
    this(SteadyClock::nanoTime);
  }

  /** The same by a steady clock, in nanoseconds. */
  public LogThrottle(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * It has happened once more.
   *
   * @param line logs it, if that is due; gets how often it has happened since the last line, this
   *     time among them
   */
  public void run(LongConsumer line) {
    long count = due();
    if (count > 0) {
      line.accept(count);
    }
  }

  /** Whether the next time would be logged. */
  public synchronized boolean isDue() {
    return !said || clock.getAsLong() - saidAt >= BETWEEN_LINES;
  }

  private synchronized long due() {
    unsaid++;
    if (!isDue()) {
      return 0;
    }
    said = true;
    saidAt = clock.getAsLong();
    long count = unsaid;
    unsaid = 0;
    return count;
  }
}
