package dev.holdfast.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Clients whose network lets no WebSocket through. Thread-safe. */
public final class PollingFallbackMetrics {
  private final Counter found;
  private final Counter replies;

  PollingFallbackMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    found =
        make.counter(
            "holdfast_polling_fallback_clients",
            "Clients that were found to get no WebSocket through their network.",
            "reason");
    replies =
        make.counter(
            "holdfast_polling_fallback_replies",
            "Answers to /api/config for clients that are told to begin with polling.",
            "result");
  }

  /** A client gets no WebSocket through; {@code no-upgrade} or {@code no-handshake}. */
  public void found(String reason) {
    found.labelValues(reason).inc();
  }

  /**
   * An answer to such a client was {@code rewritten}, was {@code off} already, or went on as it is
   * because of its {@code status}, {@code coding}, {@code framing} or {@code content}.
   */
  public void reply(String result) {
    replies.labelValues(result).inc();
  }
}
