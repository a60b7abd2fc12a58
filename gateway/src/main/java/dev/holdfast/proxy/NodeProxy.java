package dev.holdfast.proxy;

import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.OtherNodes;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import io.undertow.server.HttpServerExchange;
import java.io.Closeable;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Forwards polling requests and upgrades, signed, to the node that issued their session's sid.
 * Thread-safe.
 */
public final class NodeProxy implements OtherNodes, Closeable {
  private final NodeBackends backends;
  private final Proxy proxy;

  /**
   * Creates a proxy to these nodes.
   *
   * @param quotas limits for each client
   * @param silence how long a poll may stay open without data
   */
  public NodeProxy(
      NodeBackends backends,
      Settings settings,
      Metrics metrics,
      Forwarding forwarding,
      Quotas quotas,
      Supplier<Duration> silence) {
    this.backends = backends;
    Settings limits = limits(settings);
    this.proxy =
        new Proxy(
            ConnectionRequest.Environment.of(limits, quotas, count -> {}),
            forwarding,
            (headers, client) -> Optional.empty(),
            new NodeExchangePolicy(metrics.nodes(), silence),
            new Tunnels(limits, metrics.nodes()::tunnelOpened, metrics.nodes()::tunnelClosed),
            () -> metrics.internalError("request"));
  }

  /** Each polling client uses one connection here and one to the node; requests are never held. */
  private static Settings limits(Settings settings) {
    return settings
        .with(ProxyKeys.BODY_TIMEOUT, settings.get(LimitKeys.BODY_TIMEOUT))
        .with(ProxyKeys.CONNECTIONS, settings.budgets().connections())
        .with(ProxyKeys.QUEUE, 0)
        .with(ProxyKeys.HOLD, Duration.ZERO);
  }

  @Override
  public boolean sendOn(HttpServerExchange exchange, String sid) {
    Optional<Backend> backend = backends.of(sid);
    if (backend.isEmpty()) {
      return false;
    }
    proxy.dispatch(exchange, (headers, client) -> backend);
    return true;
  }

  @Override
  public boolean isFrom(HttpServerExchange exchange) {
    return Forwarding.isVouched(exchange);
  }

  /** Returns the number of forwarded requests and WebSockets in progress. */
  public int active() {
    return proxy.active();
  }

  /** Returns the number of forwarded WebSockets. */
  public int webSockets() {
    return proxy.tunnels().count();
  }

  /**
   * Closes the forwarded WebSockets, spread evenly over the window; their clients reconnect through
   * other nodes.
   */
  public void closeWebSockets(Duration window) {
    proxy.tunnels().closeAll(window);
  }

  /** Closes client connections after their current response from now on. */
  public void drain() {
    proxy.drain();
  }

  @Override
  public void close() {
    proxy.close();
  }
}
