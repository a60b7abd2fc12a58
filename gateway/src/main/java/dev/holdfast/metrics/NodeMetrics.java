package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * Metrics of traffic between nodes, for clients connected to another node than their session's.
 * Thread-safe.
 */
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
            "Requests forwarded to the node of their session, by result.",
            "result");
    active =
        make.gauge("holdfast_node_requests_active", "Requests being forwarded to another node.");
    tunnels = make.gauge("holdfast_node_websockets", "WebSockets forwarded to another node.");
    splices = make.gauge("holdfast_splices", "Transports attached to a session on another node.");
    spliced =
        make.counter(
            "holdfast_splices_asked",
            "Transports that requested a session on another node, by result.",
            "result");
    handoff =
        make.counter(
            "holdfast_handoffs",
            "Sessions handed off to other nodes or received from them.",
            "side");
    refused =
        make.counter(
            "holdfast_node_requests_refused",
            "Requests with the header of nodes that were rejected, by reason.",
            "reason");
  }

  /** Counts a rejected request with the header of nodes; {@code reason} is from a closed set. */
  public void refused(String reason) {
    refused.labelValues(reason).inc();
  }

  /** Counts a transport for a session on another node; {@code result} is from a closed set. */
  public void spliced(String result) {
    spliced.labelValues(result).inc();
  }

  /** Counts a handoff between nodes; {@code side} is {@code sent} or {@code received}. */
  public void handoff(String side) {
    handoff.labelValues(side).inc();
  }

  /** Counts a transport that was joined to a session on another node. */
  public void spliceOpened() {
    splices.inc();
  }

  /** Counts the end of a splice that {@link #spliceOpened} counted. */
  public void spliceClosed() {
    splices.dec();
  }

  /** Counts the start of a forwarded request. */
  public void forwardStarted() {
    active.inc();
  }

  /** Counts the end of a {@link #forwardStarted} request; {@code result} is from a closed set. */
  public void forwarded(String result) {
    active.dec();
    passedOn.labelValues(result).inc();
  }

  /** Counts a forwarded WebSocket. */
  public void tunnelOpened() {
    tunnels.inc();
  }

  /** Counts the end of a WebSocket that {@link #tunnelOpened} counted. */
  public void tunnelClosed() {
    tunnels.dec();
  }
}
