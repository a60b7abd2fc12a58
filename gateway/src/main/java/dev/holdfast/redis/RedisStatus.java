package dev.holdfast.redis;

import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis can be used. Each transition is one line of the log and a metric:
 *
 * <pre>
 *   starting ──both work──▶ ok ──one fails──▶ degraded (kind) ──both work──▶ ok
 * </pre>
 *
 * Both: what the writer sends, and what the subscriber hears. Thread-safe.
 */
final class RedisStatus {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStatus.class);

  private final RedisMetrics metrics;
  private @Nullable String server;
  private boolean writes;
  private boolean hears;
  private @Nullable RedisFailure failure;
  private boolean wasOk;
  private long since = SteadyClock.nanoTime();

  RedisStatus(RedisMetrics metrics) {
    this.metrics = metrics;
    metrics.up(false);
  }

  /** What the writer sends arrives, at this server. */
  synchronized void writes(String description) {
    server = description;
    writes = true;
    look();
  }

  /** What this node publishes is heard. */
  synchronized void hears() {
    hears = true;
    look();
  }

  /** The writer failed. */
  synchronized void doesNotWrite(RedisFailure reason) {
    metrics.failed(reason.kind().label());
    writes = false;
    degraded(reason);
  }

  /** The subscriber failed. */
  synchronized void doesNotHear(RedisFailure reason) {
    metrics.failed(reason.kind().label());
    hears = false;
    // What the writer finds says more, if it fails, too.
    if (failure == null || writes) {
      degraded(reason);
    }
  }

  private void look() {
    if (!writes || !hears || isOk()) {
      return;
    }
    failure = null;
    metrics.up(true);
    if (wasOk) {
      LOG.info("redis: ok again after {} s ({})", seconds(), server);
    } else {
      LOG.info("Using Redis to manage websockets. ({})", server);
    }
    wasOk = true;
    since = SteadyClock.nanoTime();
  }

  private boolean isOk() {
    return wasOk && failure == null;
  }

  private void degraded(RedisFailure reason) {
    boolean same = failure != null && failure.kind() == reason.kind();
    if (failure == null) {
      since = SteadyClock.nanoTime();
      metrics.up(false);
    }
    failure = reason;
    if (!same) {
      LOG.warn(
          "redis: degraded, {} ({}); sessions go on, other nodes are not seen until it is back",
          reason.kind().label(),
          reason.sentence());
    }
  }

  private long seconds() {
    return sinceChange().toSeconds();
  }

  private Duration sinceChange() {
    return Duration.ofNanos(SteadyClock.nanoTime() - since);
  }

  /** For how long it cannot be used; zero if it can. */
  synchronized Duration outage() {
    return isOk() ? Duration.ZERO : sinceChange();
  }

  /** Whether it can be used. */
  synchronized boolean ok() {
    return isOk();
  }

  /** Why it cannot be used; empty if it can. */
  synchronized Optional<String> problem() {
    if (isOk()) {
      return Optional.empty();
    }
    return Optional.of(
        failure == null
            ? "not connected yet"
            : failure.kind().label() + " for " + seconds() + " s: " + failure.sentence());
  }
}
