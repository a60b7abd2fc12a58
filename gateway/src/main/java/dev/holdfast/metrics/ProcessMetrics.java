package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Metrics of the process: event loops and the JVM. Thread-safe. */
final class ProcessMetrics {
  private final DistributionDataPoint eventLoopLag;
  private final Counter internalErrors;
  private final Counter adminRefused;

  ProcessMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    eventLoopLag =
        make.histogram(
            "holdfast_event_loop_lag_seconds",
            "Delay of a periodic task on an I/O thread.",
            new double[] {.001, .005, .01, .025, .05, .1, .25, .5, 1, 5});
    internalErrors =
        make.counter(
            "holdfast_internal_errors",
            "Internal errors outside sessions, transports and links.",
            "where");
    adminRefused =
        make.counter("holdfast_admin_refused", "Requests refused by the admin port.", "reason");
    JvmMetrics.builder().register(registry);
  }

  void internalError(String where) {
    internalErrors.labelValues(where).inc();
  }

  void adminRefused(String reason) {
    adminRefused.labelValues(reason).inc();
  }

  void eventLoopLag(Duration lag) {
    eventLoopLag.observe(Declarations.seconds(lag));
  }
}
