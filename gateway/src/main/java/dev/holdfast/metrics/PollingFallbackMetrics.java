package dev.holdfast.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Metrics of clients whose network blocks WebSockets. Thread-safe. */
public final class PollingFallbackMetrics {
  private final Counter found;
  private final Counter replies;

  PollingFallbackMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    found =
        make.counter(
            "holdfast_polling_fallback_clients",
            "Clients found behind a network that blocks WebSockets.",
            "reason");
    replies =
        make.counter(
            "holdfast_polling_fallback_replies",
            "Responses to /api/config for clients that should start with polling.",
            "result");
  }

  /**
   * Counts a client whose network blocks WebSockets; {@code no-upgrade} or {@code no-handshake}.
   */
  public void found(String reason) {
    found.labelValues(reason).inc();
  }

  /**
   * Counts a response to such a client: {@code rewritten}, {@code off} already, or forwarded
   * unchanged because of its {@code status}, {@code coding}, {@code framing} or {@code content}.
   */
  public void reply(String result) {
    replies.labelValues(result).inc();
  }
}
