package dev.holdfast.http1;

import dev.holdfast.time.LogThrottle;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Suspends accepting when too many file descriptors are open, so that some remain for links, health
 * checks and operators. Thread-safe.
 */
public final class AcceptGate {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptGate.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Descriptors per connection: that of the client and that of its link. */
  private static final int FOR_EACH = 2;

  private final long most;
  private final LongSupplier open;
  private final Timers timers;
  private final LogThrottle suspensions = new LogThrottle();

  /**
   * Upper bound of the open descriptors, except for links that were opened long after their clients
   * connected.
   */
  private final AtomicLong estimate = new AtomicLong(Long.MAX_VALUE / 2);

  private volatile boolean suspended;

  /**
   * Creates an open gate.
   *
   * @param most number of open descriptors above which accepting is suspended
   * @param open reads the current number, which is expensive
   */
  public AcceptGate(long most, LongSupplier open, Timers timers) {
    this.most = most;
    this.open = open;
    this.timers = timers;
  }

  /** A port. It accepts connections while every suspension has been resumed. */
  interface Port {
    void suspendAccepts();

    void resumeAccepts();
  }

  /** Returns whether connections are accepted. */
  public boolean isOpen() {
    return !suspended;
  }

  /** Called when this port has accepted a connection. */
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
                  "accepting connections is suspended: {} file descriptors are open; raise ulimit -n or lower"
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
