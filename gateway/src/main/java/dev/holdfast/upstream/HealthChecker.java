package dev.holdfast.upstream;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs the health checks of one upstream, one at a time; each schedules the next. Confined to the
 * timer's single thread, except {@link #dialFailed}.
 *
 * <p>A healthy upstream gets an Engine.IO handshake only with every fourth check, and none if a
 * link was opened since: a handshake costs Open WebUI a session, {@code /health} next to nothing.
 * After any failure every check does both.
 */
final class HealthChecker {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecker.class);

  /** The interval after a failure, short so that a start or restart is noticed quickly. */
  private static final Duration RETRY = Duration.ofMillis(300);

  /** Retries at the short interval, about a minute; then the usual interval applies. */
  private static final int QUICK_RETRIES = 200;

  private static final int CHECKS_PER_HANDSHAKE = 4;

  private final Upstream upstream;
  private final HealthProbe probe;
  private final ScheduledExecutorService timer;
  private final Metrics metrics;
  private final Duration interval;
  private final Runnable onHealthy;
  private final ErrorBoundary boundary;
  private final AtomicBoolean hurried = new AtomicBoolean();
  private UpstreamHealth health = UpstreamHealth.NEW;
  private @Nullable ScheduledFuture<?> planned;
  private int sinceHandshake;
  private boolean checking;
  // Reset on failure: a restart may change the config.
  private boolean configKnown;
  private long began;

  HealthChecker(
      Upstream upstream,
      HealthProbe probe,
      ScheduledExecutorService timer,
      Metrics metrics,
      Duration interval,
      Runnable onHealthy) {
    this.upstream = upstream;
    this.probe = probe;
    this.timer = timer;
    this.metrics = metrics;
    this.interval = interval;
    this.onHealthy = onHealthy;
    this.boundary =
        ErrorBoundary.lasting("the health check of " + upstream.name(), this::checkAgain);
  }

  void start() {
    metrics.upstreamState(upstream.name(), upstream.state().kind());
    timer.execute(boundary.guard(this::check));
  }

  /** Schedules a check soon. May be called from any thread, any number of times. */
  void dialFailed() {
    if (hurried.compareAndSet(false, true)) {
      timer.execute(boundary.guard(this::checkSoon));
    }
  }

  private void checkSoon() {
    health = health.suspected();
    configKnown = false;
    if (!checking) {
      // A stream of failing links must not become a stream of checks.
      long nanos = began + RETRY.toNanos() - SteadyClock.nanoTime();
      plan(Duration.ofNanos(Math.max(0, nanos)));
    }
  }

  private void plan(Duration delay) {
    if (planned != null) {
      planned.cancel(false);
    }
    planned = timer.schedule(boundary.guard(this::check), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void check() {
    checking = true;
    hurried.set(false);
    began = SteadyClock.nanoTime();
    if (!health.state().healthy() || health.failures() > 0) {
      // The host may be back at another address.
      upstream.lookUp();
    }
    boolean linked = upstream.takeLinked();
    sinceHandshake = linked ? 1 : sinceHandshake + 1;
    boolean engineIoToo =
        !health.state().healthy()
            || health.failures() > 0
            || sinceHandshake >= CHECKS_PER_HANDSHAKE;
    var unused =
        probe
            .check(engineIoToo)
            .whenCompleteAsync((result, bug) -> boundary.run(() -> checked(result, bug)), timer);
  }

  private void checked(HealthProbe.@Nullable Result result, @Nullable Throwable bug) {
    checking = false;
    if (result == null) {
      throw new IllegalStateException("a probe never fails", bug);
    }
    metrics.upstreamChecked(
        upstream.name(),
        result.state().healthy(),
        Duration.ofNanos(SteadyClock.nanoTime() - began));
    result
        .announced()
        .ifPresent(
            announced -> {
              sinceHandshake = 0;
              upstream.announced(announced);
            });
    boolean was = upstream.ready();
    become(health.checked(result.state()));
    plan(delay());
    askForConfig();
    if (upstream.ready() && !was) {
      onHealthy.run();
    }
  }

  private void become(UpstreamHealth next) {
    health = next;
    if (health.state().kind() != upstream.state().kind()) {
      report(health.state());
    }
    upstream.become(health.state(), SteadyClock.nanoTime());
    if (health.failures() == 0) {
      upstream.trust();
    }
  }

  /** Fetches the config independently of the health check; retried until it succeeds. */
  private void askForConfig() {
    if (health.failures() > 0) {
      configKnown = false;
    } else if (!configKnown) {
      configKnown = true;
      var unused =
          probe
              .config()
              .whenCompleteAsync(
                  (answer, problem) -> {
                    configKnown = problem == null;
                    if (problem == null) {
                      boundary.run(() -> upstream.configured(answer));
                    }
                  },
                  timer);
    }
  }

  private void checkAgain() {
    metrics.internalError("task");
    checking = false;
    plan(interval);
  }

  private Duration delay() {
    boolean quick =
        health.failures() > 0
            && health.failures() <= QUICK_RETRIES
            && health.state().kind() != UpstreamState.Kind.WEBSOCKETS_OFF;
    return quick && RETRY.compareTo(interval) < 0 ? RETRY : interval;
  }

  private static boolean isAway(UpstreamState state) {
    return state.kind() == UpstreamState.Kind.UNREACHABLE
        || state.kind() == UpstreamState.Kind.SLOW
        || state.kind() == UpstreamState.Kind.REFUSING;
  }

  private void report(UpstreamState state) {
    metrics.upstreamState(upstream.name(), state.kind());
    if (state.healthy()) {
      LOG.info("upstream {} is healthy: {}", upstream.name(), state.sentence());
    } else {
      // A starting upstream alternates between refusing and unreachable several times a second.
      LOG.atLevel(isAway(upstream.state()) && isAway(state) ? Level.DEBUG : Level.WARN)
          .log("upstream {} is {}: {}", upstream.name(), state.kind().label(), state.sentence());
    }
  }
}
