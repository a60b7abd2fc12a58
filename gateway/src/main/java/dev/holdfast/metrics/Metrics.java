package dev.holdfast.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * All metrics of a node; their names and labels are described in {@code docs/metrics.md}. Label
 * values come from closed sets (kinds, reasons, upstream names), never from a client. Thread-safe.
 */
public final class Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ClientMetrics client = new ClientMetrics(registry);
  private final UpstreamMetrics upstream = new UpstreamMetrics(registry);
  private final ProcessMetrics process = new ProcessMetrics(registry);
  private final ProxyMetrics proxy = new ProxyMetrics(registry);
  private final ResumeMetrics resume = new ResumeMetrics(registry);
  private final NodeMetrics nodes = new NodeMetrics(registry);
  private final PollingFallbackMetrics pollingFallback = new PollingFallbackMetrics(registry);

  /** What {@code /metrics} shows. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** A client's transport began; {@code kind} is {@code websocket} or {@code polling}. */
  public void transportOpened(String kind) {
    client.transportOpened(kind);
  }

  /** A transport that was counted by {@link #transportOpened} ended. */
  public void transportClosed(String kind, String reason) {
    client.transportClosed(kind, reason);
  }

  /** A Socket.IO session began. */
  public void sessionOpened() {
    client.sessionOpened();
  }

  /** A session that was counted by {@link #sessionOpened} ended after {@code duration}. */
  public void sessionClosed(String reason, Duration duration) {
    client.sessionClosed(reason, duration);
  }

  /** A request was refused before it became a transport. */
  public void refused(String reason) {
    client.refused(reason);
  }

  /** A client did not answer a ping in time. */
  public void heartbeatMissed() {
    client.heartbeatMissed();
  }

  /** WebSocket frames came in from {@code side}, which is {@code client} or {@code upstream}. */
  public void framesIn(String side, long frames, long bytes) {
    client.framesIn(side, frames, bytes);
  }

  /** A link finished its handshake. */
  public void linkOpened(String upstreamName) {
    upstream.linkOpened(upstreamName);
  }

  /** A link that was counted by {@link #linkOpened} ended. */
  public void linkClosed(String upstreamName, String reason) {
    upstream.linkClosed(upstreamName, reason);
  }

  /** A link could not be opened. */
  public void linkFailed(String upstreamName, String reason) {
    upstream.linkFailed(upstreamName, reason);
  }

  /** An upstream is in this state from now on; all other states of the enum are left. */
  public <S extends Enum<S>> void upstreamState(String upstreamName, S state) {
    upstream.state(upstreamName, state);
  }

  /** A health check of an upstream ended. */
  public void upstreamChecked(String upstreamName, boolean good, Duration duration) {
    upstream.checked(upstreamName, good, duration);
  }

  /** What happens around lost connections, and the accounting of events. */
  public ResumeMetrics resume() {
    return resume;
  }

  /** What goes from node to node. */
  public NodeMetrics nodes() {
    return nodes;
  }

  /** Clients whose network lets no WebSocket through. */
  public PollingFallbackMetrics pollingFallback() {
    return pollingFallback;
  }

  /** A request passed through, or was answered in the upstream's place, with this status. */
  public void proxyRequest(String upstreamName, int status, Duration duration) {
    proxy.request(upstreamName, status, duration);
  }

  /** Requests being passed on now have become more ({@code 1}) or fewer ({@code -1}). */
  public void proxyActive(int delta) {
    proxy.active(delta);
  }

  /** Requests that wait for an upstream have become more ({@code 1}) or fewer ({@code -1}). */
  public void proxyHeld(int delta) {
    proxy.held(delta);
  }

  /** A WebSocket that is not Socket.IO was opened through the gateway. */
  public void passThroughOpened() {
    proxy.passThroughOpened();
  }

  /** A WebSocket that was counted by {@link #passThroughOpened} ended. */
  public void passThroughClosed() {
    proxy.passThroughClosed();
  }

  /** A periodic task of an I/O thread ran this much later than planned. */
  public void eventLoopLag(Duration lag) {
    process.eventLoopLag(lag);
  }

  /**
   * Counts an internal error that was logged and did not spread to the rest of the node.
   *
   * @param where {@code connection}, {@code request} or {@code task}
   */
  public void internalError(String where) {
    process.internalError(where);
  }

  /** A request to the admin port was refused. */
  public void adminRefused(String reason) {
    process.adminRefused(reason);
  }

  /** Where the number of nodes, this one among them, is read from; to be called once. */
  public void nodes(LongSupplier count) {
    GaugeWithCallback.builder()
        .name("holdfast_nodes")
        .help("Nodes that work together, this one among them.")
        .callback(data -> data.call((double) count.getAsLong()))
        .register(registry);
  }

  /** Where the number of nodes that cannot be reached is read from; to be called once. */
  public void unreachedNodes(LongSupplier count) {
    GaugeWithCallback.builder()
        .name("holdfast_nodes_unreached")
        .help("Nodes that are registered and cannot be reached from this one.")
        .callback(data -> data.call((double) count.getAsLong()))
        .register(registry);
  }

  /** Where the bytes of buffers that are given out are read from; to be called once. */
  public void bufferBytes(LongSupplier taken) {
    GaugeWithCallback.builder()
        .name("holdfast_buffer_bytes")
        .help("Bytes of pooled buffers that hold data which waits.")
        .callback(data -> data.call((double) taken.getAsLong()))
        .register(registry);
  }

  /** Where it is read from whether connections are accepted; to be called once. */
  public void accepting(BooleanSupplier open) {
    GaugeWithCallback.builder()
        .name("holdfast_accepting")
        .help("1 while connections are accepted, 0 while too few descriptors are left.")
        .callback(data -> data.call(open.getAsBoolean() ? 1 : 0))
        .register(registry);
  }

  /** Where it is read from of what the node is short, by its label; to be called once. */
  public void overloaded(Map<String, BooleanSupplier> signs) {
    GaugeWithCallback.builder()
        .name("holdfast_overloaded")
        .help("1 while the node is short of this, 0 else.")
        .labelNames("sign")
        .callback(
            data -> signs.forEach((sign, shows) -> data.call(shows.getAsBoolean() ? 1 : 0, sign)))
        .register(registry);
  }

  /**
   * Where what peers have taken of each resource is read from, and how much of it was taken away
   * from them; to be called once.
   */
  public void quotas(Map<String, LongSupplier> taken, Map<String, LongSupplier> cut) {
    GaugeWithCallback.builder()
        .name("holdfast_quota_taken")
        .help("What peers have taken of a resource of which the process has only so much.")
        .labelNames("resource")
        .callback(
            data ->
                taken.forEach(
                    (resource, amount) -> data.call((double) amount.getAsLong(), resource)))
        .register(registry);
    CounterWithCallback.builder()
        .name("holdfast_quota_cut")
        .help("Uses of a resource that were ended when it was short, of the peer with most of it.")
        .labelNames("resource")
        .callback(
            data ->
                cut.forEach((resource, count) -> data.call((double) count.getAsLong(), resource)))
        .register(registry);
  }
}
