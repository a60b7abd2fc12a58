package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Metrics of proxied requests other than Socket.IO. Thread-safe. */
final class ProxyMetrics {
  private final Counter requests;
  private final Histogram requestSeconds;
  private final GaugeDataPoint active;
  private final GaugeDataPoint held;
  private final Gauge passThrough;
  private final Counter passThroughOpened;

  ProxyMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    requests =
        make.counter(
            "holdfast_proxy_requests",
            "HTTP requests forwarded, or answered in place of the upstream.",
            "upstream",
            "status");
    requestSeconds =
        make.histogram(
            "holdfast_proxy_request_seconds",
            "Time from the head of a request to the end of its response.",
            new double[] {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 600},
            "upstream");
    active = make.gauge("holdfast_proxy_active", "HTTP requests in progress.");
    held = make.gauge("holdfast_proxy_held", "HTTP requests held until an upstream recovers.");
    passThrough =
        make.gauge("holdfast_passthrough_websockets", "Open WebSockets other than Socket.IO.");
    passThroughOpened =
        make.counter(
            "holdfast_passthrough_websockets_opened", "WebSockets opened other than Socket.IO.");
  }

  void request(String upstream, int status, Duration duration) {
    requests.labelValues(upstream, label(status)).inc();
    requestSeconds.labelValues(upstream).observe(Declarations.seconds(duration));
  }

  void active(int delta) {
    active.inc(delta);
  }

  void held(int delta) {
    held.inc(delta);
  }

  void passThroughOpened() {
    passThrough.inc();
    passThroughOpened.inc();
  }

  void passThroughClosed() {
    passThrough.dec();
  }

  /** Maps invalid status codes, which an upstream may send, to a single label value. */
  private static String label(int status) {
    return status >= 100 && status <= 599 ? Integer.toString(status) : "other";
  }
}
