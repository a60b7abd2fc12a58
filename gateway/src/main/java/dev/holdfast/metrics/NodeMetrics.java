package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What goes from node to node for clients that came to another one than theirs. Thread-safe. */
public final class NodeMetrics {
  private final Counter passedOn;
  private final GaugeDataPoint active;
  private final GaugeDataPoint tunnels;
  private final GaugeDataPoint splices;
  private final Counter spliced;
  private final Counter handoff;
  private final Counter refused;

  NodeMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    passedOn =
        make.counter(
            "holdfast_node_requests",
            "Requests of sessions on another node that were passed on to it.",
            "result");
    active =
        make.gauge(
            "holdfast_node_requests_active", "Requests being passed on to another node now.");
    tunnels =
        make.gauge(
            "holdfast_node_websockets", "WebSockets that are passed on to another node now.");
    splices =
        make.gauge(
            "holdfast_splices", "Transports that are joined to a session on another node now.");
    spliced =
        make.counter(
            "holdfast_splices_asked",
            "Transports whose client asked for a session on another node, by result.",
            "result");
    handoff =
        make.counter(
            "holdfast_handoffs",
            "Sessions handed off to another node, or received from one.",
            "side");
    refused =
        make.counter(
            "holdfast_node_requests_refused",
            "Requests with the header of nodes that were not believed, by reason.",
            "reason");
  }

  /** A request that says it is from a node was not believed; {@code reason} is of a closed set. */
  public void refused(String reason) {
    refused.labelValues(reason).inc();
  }

  /** A transport asked for a session on another node; {@code result} is one of a closed set. */
  public void spliced(String result) {
    spliced.labelValues(result).inc();
  }

  /** A session has gone to another node; {@code side} is {@code sent} or {@code received}. */
  public void handoff(String side) {
    handoff.labelValues(side).inc();
  }

  /** A transport is joined to a session on another node. */
  public void spliceOpened() {
    splices.inc();
  }

  /** A splice that was counted by {@link #spliceOpened} ended. */
  public void spliceClosed() {
    splices.dec();
  }

  /** A request begins to be passed on. */
  public void passing() {
    active.inc();
  }

  /** A request that was {@link #passing} has ended; {@code result} is one of a closed set. */
  public void passedOn(String result) {
    active.dec();
    passedOn.labelValues(result).inc();
  }

  /** A WebSocket is passed on. */
  public void tunnelOpened() {
    tunnels.inc();
  }

  /** A WebSocket that was counted by {@link #tunnelOpened} ended. */
  public void tunnelClosed() {
    tunnels.dec();
  }
}
