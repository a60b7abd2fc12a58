package dev.holdfast.sessions;

import dev.holdfast.metrics.ResumeMetrics;
import dev.holdfast.time.LogThrottle;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the number of parked sessions per user. Reports each session that ends because of it to a
 * metric, and to the log at most once a minute. Thread-safe.
 */
public final class ParkedLimit {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedLimit.class);

  private final int perUser;
  private final ResumeMetrics metrics;
  private final LogThrottle lines;

  /**
   * Creates a limit.
   *
   * @param clock a steady clock, in nanoseconds
   */
  public ParkedLimit(int perUser, ResumeMetrics metrics, LongSupplier clock) {
    this.perUser = perUser;
    this.metrics = metrics;
    this.lines = new LogThrottle(clock);
  }

  int perUser() {
    return perUser;
  }

  /** Called when a session was ended in favour of younger ones of its user. */
  void exceeded() {
    metrics.displaced();
    lines.run(
        sessions ->
            LOG.warn(
                "a user has more parked sessions than resume.parked-per-user, which is {}:"
                    + " the oldest was ended; {} since the last such line",
                perUser,
                sessions));
  }
}
