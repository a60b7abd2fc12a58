package dev.holdfast.http;

import dev.holdfast.time.LogThrottle;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Suspends accepting while too many descriptors are open, so that there are some left for links,
 * for health checks and for operators. Thread-safe.
 */
public final class AcceptGate {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptGate.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A client's own, and that of its link. */
  private static final int FOR_EACH = 2;

  private final long most;
  private final LongSupplier open;
  private final Timers timers;
  private final LogThrottle suspensions = new LogThrottle();

  /** At least as many as are open, but for links that were opened long after their clients came. */
  private final AtomicLong estimate = new AtomicLong(Long.MAX_VALUE / 2);

  private volatile boolean suspended;

  /**
   * A gate that is open.
   *
   * @param most so many descriptors may be open for more connections to be accepted
   * @param open reads how many are; expensive
   */
  public AcceptGate(long most, LongSupplier open, Timers timers) {
    this.most = most;
    this.open = open;
    this.timers = timers;
  }

  /**
   * What can be kept from accepting; it accepts again when all who suspended it have resumed it.
   */
  interface Port {
    void suspendAccepts();

    void resumeAccepts();
  }

  /** Whether connections are accepted. */
  public boolean isOpen() {
    return !suspended;
  }

  /** A connection was accepted at this port. */
  void accepted(Port port) {
    if (estimate.addAndGet(FOR_EACH) >= most) {
      measure(port);
    }
  }

  private synchronized void measure(Port port) {
    if (suspended || estimate.get() < most) {
      return;
    }
    if (isShort()) {
      suspended = true;
      port.suspendAccepts();
      suspensions.run(
          count ->
              LOG.warn(
                  "no more connections are accepted for now: {} descriptors are open; raise ulimit -n or lower"
                      + " limits.connections; {} times since the last such line",
                  estimate.get(),
                  count));
      retry(port);
    }
  }

  private boolean isShort() {
    long now = open.getAsLong();
    estimate.set(now);
    return now >= most;
  }

  private void retry(Port port) {
    timers.after(
        PAUSE,
        () -> {
          if (isShort()) {
            retry(port);
          } else {
            suspended = false;
            port.resumeAccepts();
          }
        });
  }
}
