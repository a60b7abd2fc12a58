package dev.holdfast.redis;

import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis is available. Each transition updates a metric and logs one line:
 *
 * <pre>
 *   starting ──both work──▶ ok ──one fails──▶ degraded (kind) ──both work──▶ ok
 * </pre>
 *
 * Both: the writer's commands and the subscriber's messages. Thread-safe.
 */
final class RedisStatus {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStatus.class);

  private final RedisMetrics metrics;
  private @Nullable String server;
  private boolean writes;
  private boolean subscribed;
  private @Nullable RedisFailure failure;
  private boolean wasOk;
  private long since = SteadyClock.nanoTime();

  RedisStatus(RedisMetrics metrics) {
    this.metrics = metrics;
    metrics.up(false);
  }

  /** Called when the writer has reached this server. */
  synchronized void writerWorks(String description) {
    server = description;
    writes = true;
    update();
  }

  /** Called when the subscriber has received a message of this node. */
  synchronized void subscriberWorks() {
    subscribed = true;
    update();
  }

  /** Called when the writer has failed. */
  synchronized void writerFailed(RedisFailure reason) {
    metrics.failed(reason.kind().label());
    writes = false;
    degraded(reason);
  }

  /** Called when the subscriber has failed. */
  synchronized void subscriberFailed(RedisFailure reason) {
    metrics.failed(reason.kind().label());
    subscribed = false;
    // If the writer fails, too, its reason is more specific.
    if (failure == null || writes) {
      degraded(reason);
    }
  }

  private void update() {
    if (!writes || !subscribed || isOk()) {
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
          "redis: degraded, {} ({}); sessions continue, but this node cannot see other nodes until Redis is back",
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

  /** Returns how long Redis has been unavailable; zero if it is available. */
  synchronized Duration outage() {
    return isOk() ? Duration.ZERO : sinceChange();
  }

  /** Returns whether Redis is available. */
  synchronized boolean ok() {
    return isOk();
  }

  /** Returns why Redis is unavailable; empty if it is available. */
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
