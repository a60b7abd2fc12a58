package dev.holdfast.proxy;

import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.upstream.Forwarding;
import io.undertow.server.HttpServerExchange;
import java.io.Closeable;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Passes polling requests and upgrades on to the node whose name their session's sid bears, signed.
 * Thread-safe.
 */
public final class NodeProxy implements Closeable {
  private final NodeBackends backends;
  private final Proxy proxy;

  /**
   * Passes on to these nodes.
   *
   * @param quotas what each client may take
   * @param silence how long a session may have nothing to say to a client that polls
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

  /** A client that polls has one connection of its own here and one there; nobody is held. */
  private static Settings limits(Settings settings) {
    return settings
        .with(ProxyKeys.BODY_TIMEOUT, settings.get(LimitKeys.BODY_TIMEOUT))
        .with(ProxyKeys.CONNECTIONS, settings.budgets().connections())
        .with(ProxyKeys.QUEUE, 0)
        .with(ProxyKeys.HOLD, Duration.ZERO);
  }

  /** Passes a request on if its session's sid names another node that is there; false if not. */
  public boolean sendOn(HttpServerExchange exchange, String sid) {
    Optional<Backend> backend = backends.of(sid);
    if (backend.isEmpty()) {
      return false;
    }
    proxy.dispatch(exchange, (headers, client) -> backend);
    return true;
  }

  /** Requests and WebSockets that are passed on now. */
  public int active() {
    return proxy.active();
  }

  /** WebSockets that are passed on now. */
  public int webSockets() {
    return proxy.tunnels().count();
  }

  /**
   * Closes the WebSockets that are passed on, spread evenly over the window: their clients come
   * back by way of other nodes.
   */
  public void closeWebSockets(Duration window) {
    proxy.tunnels().closeAll(window);
  }

  /** From now on connections are closed behind their response. */
  public void drain() {
    proxy.drain();
  }

  @Override
  public void close() {
    proxy.close();
  }
}
