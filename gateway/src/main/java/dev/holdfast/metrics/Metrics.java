package dev.holdfast.metrics;

import dev.holdfast.engineio.EngineListener;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * All metrics of a node; {@code docs/metrics.md} describes their names and labels. Label values
 * come from closed sets (kinds, reasons, upstream names), never from a client. Thread-safe.
 */
public final class Metrics implements EngineListener {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ClientMetrics client = new ClientMetrics(registry);
  private final UpstreamMetrics upstream = new UpstreamMetrics(registry);
  private final ProcessMetrics process = new ProcessMetrics(registry);
  private final ProxyMetrics proxy = new ProxyMetrics(registry);
  private final ResumeMetrics resume = new ResumeMetrics(registry);
  private final NodeMetrics nodes = new NodeMetrics(registry);
  private final PollingFallbackMetrics pollingFallback = new PollingFallbackMetrics(registry);

  /** Returns the registry that {@code /metrics} exposes. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** Counts a new client transport; {@code kind} is {@code websocket} or {@code polling}. */
  @Override
  public void transportOpened(String kind) {
    client.transportOpened(kind);
  }

  /** Counts the end of a transport that {@link #transportOpened} counted. */
  @Override
  public void transportClosed(String kind, String reason) {
    client.transportClosed(kind, reason);
  }

  /** Counts a new Socket.IO session. */
  public void sessionOpened() {
    client.sessionOpened();
  }

  /** Counts the end of a session that {@link #sessionOpened} counted, with its duration. */
  public void sessionClosed(String reason, Duration duration) {
    client.sessionClosed(reason, duration);
  }

  /** Counts a packet stage that failed; its name is from a closed set. */
  public void stageFailed(String stage) {
    client.stageFailed(stage);
  }

  /** Counts a request that was refused before it became a transport. */
  @Override
  public void refused(String reason) {
    client.refused(reason);
  }

  /** Counts a ping that a client did not answer in time. */
  @Override
  public void heartbeatMissed() {
    client.heartbeatMissed();
  }

  /** Counts WebSocket frames received from a client. */
  @Override
  public void framesReceived(long frames, long bytes) {
    framesIn("client", frames, bytes);
  }

  /** Counts WebSocket frames received from {@code side}, {@code client} or {@code upstream}. */
  public void framesIn(String side, long frames, long bytes) {
    client.framesIn(side, frames, bytes);
  }

  /** Counts a link that has completed its handshake. */
  public void linkOpened(String upstreamName) {
    upstream.linkOpened(upstreamName);
  }

  /** Counts the end of a link that {@link #linkOpened} counted. */
  public void linkClosed(String upstreamName, String reason) {
    upstream.linkClosed(upstreamName, reason);
  }

  /** Counts a link that could not be opened. */
  public void linkFailed(String upstreamName, String reason) {
    upstream.linkFailed(upstreamName, reason);
  }

  /** Sets the state of an upstream, and clears all other states of the enum. */
  public <S extends Enum<S>> void upstreamState(String upstreamName, S state) {
    upstream.state(upstreamName, state);
  }

  /** Counts a health check of an upstream. */
  public void upstreamChecked(String upstreamName, boolean good, Duration duration) {
    upstream.checked(upstreamName, good, duration);
  }

  /** Returns the metrics of lost connections and event accounting. */
  public ResumeMetrics resume() {
    return resume;
  }

  /** Returns the metrics of traffic between nodes. */
  public NodeMetrics nodes() {
    return nodes;
  }

  /** Returns the metrics of clients whose network blocks WebSockets. */
  public PollingFallbackMetrics pollingFallback() {
    return pollingFallback;
  }

  /** Counts a request that was forwarded, or answered in place of the upstream. */
  public void proxyRequest(String upstreamName, int status, Duration duration) {
    proxy.request(upstreamName, status, duration);
  }

  /** Adds {@code delta} to the number of requests in progress. */
  public void proxyActive(int delta) {
    proxy.active(delta);
  }

  /** Adds {@code delta} to the number of requests held for an upstream. */
  public void proxyHeld(int delta) {
    proxy.held(delta);
  }

  /** Counts a new tunnelled WebSocket that is not Socket.IO. */
  public void passThroughOpened() {
    proxy.passThroughOpened();
  }

  /** Counts the end of a WebSocket that {@link #passThroughOpened} counted. */
  public void passThroughClosed() {
    proxy.passThroughClosed();
  }

  /** Records how late a periodic task of an I/O thread ran. */
  public void eventLoopLag(Duration lag) {
    process.eventLoopLag(lag);
  }

  /**
   * Counts an internal error that was logged and contained.
   *
   * @param where {@code connection}, {@code request} or {@code task}
   */
  @Override
  public void internalError(String where) {
    process.internalError(where);
  }

  /** Counts a refused request to the admin port. */
  public void adminRefused(String reason) {
    process.adminRefused(reason);
  }

  /** Registers the number of nodes, including this one; call once. */
  public void nodes(LongSupplier count) {
    GaugeWithCallback.builder()
        .name("holdfast_nodes")
        .help("Nodes in the cluster, including this one.")
        .callback(data -> data.call((double) count.getAsLong()))
        .register(registry);
  }

  /** Registers the number of unreachable nodes; call once. */
  public void unreachedNodes(LongSupplier count) {
    GaugeWithCallback.builder()
        .name("holdfast_nodes_unreached")
        .help("Registered nodes that this one cannot reach.")
        .callback(data -> data.call((double) count.getAsLong()))
        .register(registry);
  }

  /** Registers the number of buffer bytes in use; call once. */
  public void bufferBytes(LongSupplier taken) {
    GaugeWithCallback.builder()
        .name("holdfast_buffer_bytes")
        .help("Bytes of pooled buffers that hold pending data.")
        .callback(data -> data.call((double) taken.getAsLong()))
        .register(registry);
  }

  /** Registers whether connections are accepted; call once. */
  public void accepting(BooleanSupplier open) {
    GaugeWithCallback.builder()
        .name("holdfast_accepting")
        .help("Whether connections are accepted: 1, or 0 while file descriptors are scarce.")
        .callback(data -> data.call(open.getAsBoolean() ? 1 : 0))
        .register(registry);
  }

  /** Registers the signs of overload by label; call once. */
  public void overloaded(Map<String, BooleanSupplier> signs) {
    GaugeWithCallback.builder()
        .name("holdfast_overloaded")
        .help("Whether the node is short of this resource: 1 or 0.")
        .labelNames("sign")
        .callback(
            data -> signs.forEach((sign, shows) -> data.call(shows.getAsBoolean() ? 1 : 0, sign)))
        .register(registry);
  }

  /** Registers for each resource the amount in use and the number of cuts; call once. */
  public void quotas(Map<String, LongSupplier> taken, Map<String, LongSupplier> cut) {
    GaugeWithCallback.builder()
        .name("holdfast_quota_taken")
        .help("Amount in use of a shared, limited resource.")
        .labelNames("resource")
        .callback(
            data ->
                taken.forEach(
                    (resource, amount) -> data.call((double) amount.getAsLong(), resource)))
        .register(registry);
    CounterWithCallback.builder()
        .name("holdfast_quota_cut")
        .help("Uses of a scarce resource that were ended, each of the peer that used most.")
        .labelNames("resource")
        .callback(
            data ->
                cut.forEach((resource, count) -> data.call((double) count.getAsLong(), resource)))
        .register(registry);
  }
}
