package dev.holdfast.hub;

import dev.holdfast.metrics.ResumeMetrics;
import dev.holdfast.time.LogThrottle;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many sessions of one user may be parked, and reports each that ends because of it: to
 * a metric every time, to the log at most once a minute. Thread-safe.
 */
public final class ParkedLimit {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedLimit.class);

  private final int perUser;
  private final ResumeMetrics metrics;
  private final LogThrottle lines;

  /**
   * A limit that nobody has exceeded yet.
   *
   * @param clock a steady one, in nanoseconds
   */
  public ParkedLimit(int perUser, ResumeMetrics metrics, LongSupplier clock) {
    this.perUser = perUser;
    this.metrics = metrics;
    this.lines = new LogThrottle(clock);
  }

  int perUser() {
    return perUser;
  }

  /** A session has ended for younger ones of its user. */
  void exceeded() {
    metrics.displaced();
    lines.run(
        sessions ->
            LOG.warn(
                "a user has more sessions without a client than resume.parked-per-user, which is {}:"
                    + " the oldest was given up; {} since the last such line",
                perUser,
                sessions));
  }
}
