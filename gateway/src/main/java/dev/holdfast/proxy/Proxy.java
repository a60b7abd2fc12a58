package dev.holdfast.proxy;

import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.http1.ExchangeBoundary;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ErrorBoundary;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xnio.XnioIoThread;

/** A reverse proxy that runs on the I/O thread of the client's connection. Thread-safe. */
public final class Proxy implements HttpHandler, Closeable {
  /**
   * Exceeds the number of upstreams, or of nodes at any time; beyond it unused pools are dropped.
   */
  private static final int MANY_POOLS = 1_000;

  private final Settings limits;
  private final ConnectionRequest.Environment shared;
  private final Routes routes;
  private final Forwarding forwarding;
  private final ExchangePolicy policy;
  private final Tunnels tunnels;
  private final Map<XnioIoThread, IoContext> threads = new ConcurrentHashMap<>();
  private final Map<String, ConnectionPool> pools = new ConcurrentHashMap<>();
  private final AtomicInteger active = new AtomicInteger();
  private final Runnable onError;
  private volatile boolean draining;

  /** Creates a proxy for upstreams; {@code interceptors} observe and edit their responses. */
  public Proxy(
      Settings settings,
      Metrics metrics,
      Forwarding forwarding,
      Quotas quotas,
      Routes routes,
      Interceptors interceptors) {
    this(
        ConnectionRequest.Environment.of(settings, quotas, metrics::proxyHeld),
        forwarding,
        routes,
        new AccessLog(
            metrics,
            settings.get(ProcessKeys.ACCESS),
            settings.get(ProxyKeys.RESPONSE_TIMEOUT),
            interceptors),
        new Tunnels(settings, metrics::passThroughOpened, metrics::passThroughClosed),
        () -> metrics.internalError("request"));
  }

  Proxy(
      ConnectionRequest.Environment shared,
      Forwarding forwarding,
      Routes routes,
      ExchangePolicy policy,
      Tunnels tunnels,
      Runnable onError) {
    this.limits = shared.limits();
    this.shared = shared;
    this.routes = routes;
    this.forwarding = forwarding;
    this.policy = policy;
    this.tunnels = tunnels;
    this.onError = onError;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    dispatch(exchange, routes);
  }

  /** Forwards a request with its own routes. */
  void dispatch(HttpServerExchange exchange, Routes routes) {
    ErrorBoundary boundary = ExchangeBoundary.around(exchange, this::internalError);
    exchange.dispatch(SameThreadExecutor.INSTANCE, boundary.guard(() -> begin(exchange, routes)));
  }

  private void begin(HttpServerExchange exchange, Routes routes) {
    ForwardedClient client = forwarding.client(exchange);
    Supplier<Optional<ConnectionPool>> choice =
        () -> routes.route(exchange.getRequestHeaders(), client.address()).map(this::pool);
    Optional<String> user = routes.verifiedUser(exchange.getRequestHeaders());
    Peer peer = user.map(Peer::ofUser).orElseGet(client::peer);
    ProxyRequest proxyRequest = ProxyRequest.of(exchange, client, user);
    Optional<ResponseEditor.Edit> edit =
        policy.interceptors().editor().edit(proxyRequest.view(exchange));
    edit.ifPresent(it -> EditedBody.restrictEncodings(exchange.getRequestHeaders()));
    new ProxyExchange(this, exchange, proxyRequest, peer, choice, edit).start();
  }

  /** Releases held requests after an upstream has become healthy. May be called from any thread. */
  public void upstreamRecovered() {
    shared.holdQueue().releaseAll();
  }

  private ConnectionPool pool(Backend backend) {
    if (pools.size() > MANY_POOLS) {
      pools.values().removeIf(ConnectionPool::isUnused);
    }
    return pools.computeIfAbsent(
        backend.name(),
        name -> new ConnectionPool(backend, limits, shared.quotas(), threads.values()));
  }

  IoContext io(XnioIoThread thread) {
    return threads.computeIfAbsent(thread, this::context);
  }

  private IoContext context(XnioIoThread thread) {
    Duration shortest =
        Stream.of(
                limits.get(ProxyKeys.RESPONSE_TIMEOUT),
                limits.get(ProxyKeys.IDLE_TIMEOUT),
                limits.get(ProxyKeys.BODY_TIMEOUT),
                limits.get(ProxyKeys.UNREAD_TIMEOUT),
                limits.get(ProxyKeys.QUEUE_TIMEOUT),
                limits.get(ProxyKeys.HOLD))
            .filter(limit -> !limit.isZero())
            .reduce(
                limits.get(ProxyKeys.KEEP_ALIVE),
                (one, other) -> one.compareTo(other) < 0 ? one : other);
    return new IoContext(thread, shortest, limits.get(ProxyKeys.KEEP_ALIVE), this::internalError);
  }

  /** Called after an internal error has ended a request or WebSocket. */
  void internalError() {
    onError.run();
  }

  void began() {
    active.incrementAndGet();
  }

  void ended() {
    active.decrementAndGet();
  }

  /** Creates a request for a connection. */
  ConnectionRequest connect(
      IoContext io,
      Supplier<Optional<ConnectionPool>> choice,
      ConnectionRequest.RetryPolicy retryPolicy,
      ConnectionRequest.Caller caller) {
    return new ConnectionRequest(shared, io, choice, retryPolicy, caller);
  }

  Settings limits() {
    return limits;
  }

  Forwarding forwarding() {
    return forwarding;
  }

  ExchangePolicy policy() {
    return policy;
  }

  Tunnels tunnels() {
    return tunnels;
  }

  boolean draining() {
    return draining;
  }

  /** From now on closes client connections after their response and holds no requests. */
  public void drain() {
    draining = true;
    shared.holdQueue().close();
  }

  /** Returns the number of requests in progress plus open tunnels. */
  public int active() {
    return active.get() + tunnels.count();
  }

  /** Closes all backend connections, and with them open tunnels. */
  @Override
  public void close() {
    tunnels.closeAll(Duration.ZERO);
    threads.values().forEach(io -> io.thread().execute(io::closeIdle));
  }
}
