package dev.holdfast.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Locale;

/** Metrics of upstreams and links. Thread-safe. */
final class UpstreamMetrics {
  private final Gauge links;
  private final Counter linksOpened;
  private final Counter linksClosed;
  private final Counter linksFailed;
  private final Gauge states;
  private final Counter checks;
  private final Histogram checkSeconds;

  UpstreamMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    links = make.gauge("holdfast_links", "Open links to an upstream.", "upstream");
    linksOpened = make.counter("holdfast_links_opened", "Links opened.", "upstream");
    linksClosed = make.counter("holdfast_links_closed", "Links closed.", "upstream", "reason");
    linksFailed =
        make.counter(
            "holdfast_links_failed", "Links that could not be opened.", "upstream", "reason");
    states =
        make.gauge(
            "holdfast_upstream_state",
            "1 for the current state of an upstream, 0 for all others.",
            "upstream",
            "state");
    checks =
        make.counter("holdfast_upstream_checks", "Health checks by result.", "upstream", "result");
    checkSeconds =
        make.histogram(
            "holdfast_upstream_check_seconds",
            "Duration of health checks.",
            new double[] {.005, .02, .1, .5, 1, 5},
            "upstream");
  }

  void linkOpened(String upstream) {
    links.labelValues(upstream).inc();
    linksOpened.labelValues(upstream).inc();
  }

  void linkClosed(String upstream, String reason) {
    links.labelValues(upstream).dec();
    linksClosed.labelValues(upstream, reason).inc();
  }

  void linkFailed(String upstream, String reason) {
    linksFailed.labelValues(upstream, reason).inc();
  }

  <S extends Enum<S>> void state(String upstream, S state) {
    for (S each : state.getDeclaringClass().getEnumConstants()) {
      String label = each.name().toLowerCase(Locale.ROOT).replace('_', '-');
      states.labelValues(upstream, label).set(each == state ? 1 : 0);
    }
  }

  void checked(String upstream, boolean good, Duration duration) {
    checks.labelValues(upstream, good ? "good" : "bad").inc();
    checkSeconds.labelValues(upstream).observe(Declarations.seconds(duration));
  }
}
