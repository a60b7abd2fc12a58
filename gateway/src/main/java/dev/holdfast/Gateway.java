package dev.holdfast;

import dev.holdfast.admin.EventLoopLag;
import dev.holdfast.admin.NotDraining;
import dev.holdfast.admin.Overload;
import dev.holdfast.admin.ReadyPage;
import dev.holdfast.admin.ThisNode;
import dev.holdfast.admin.UpstreamsReady;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.NodeRequestVerifier;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.EngineHandler;
import dev.holdfast.engineio.EngineServer;
import dev.holdfast.engineio.RandomIds;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.forwarding.OriginPolicy;
import dev.holdfast.http1.AcceptGate;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.PollingFallback;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.proxy.ExchangeObserver;
import dev.holdfast.proxy.Interceptors;
import dev.holdfast.proxy.NodeBackends;
import dev.holdfast.proxy.NodeProxy;
import dev.holdfast.proxy.Proxy;
import dev.holdfast.proxy.UserRoutes;
import dev.holdfast.sessions.NonResumingClients;
import dev.holdfast.sessions.ParkedLimit;
import dev.holdfast.sessions.SessionRegistry;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.sessions.SessionService.Shared;
import dev.holdfast.sessions.UserUpstreams;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.time.WallClock;
import dev.holdfast.upstream.NodeDialer;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.Upstreams;
import dev.holdfast.wire.XnioEventLoop;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.XnioWorker;

/**
 * A running node. {@link #start} builds its parts from the settings, {@link #drain} stops it
 * gracefully, {@link #close} at once. Thread-safe.
 */
public final class Gateway implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /** Time for the last step of a drain after its deadline. */
  private static final Duration DRAIN_GRACE = Duration.ofSeconds(1);

  private final Deque<Closeable> parts;
  private final PublicListener listener;
  private final Optional<AdminListener> admin;
  private final NodeDrain drain;
  private final UpstreamDrains upstreamDrains;
  private final long drainMillis;

  private Gateway(
      Deque<Closeable> parts,
      PublicListener listener,
      Optional<AdminListener> admin,
      NodeDrain drain,
      UpstreamDrains upstreamDrains,
      Duration drainTimeout) {
    this.parts = parts;
    this.listener = listener;
    this.admin = admin;
    this.drain = drain;
    this.upstreamDrains = upstreamDrains;
    this.drainMillis = drainTimeout.plus(DRAIN_GRACE).toMillis();
  }

  /**
   * Starts a node and returns when its ports are open. Upstreams need not be available yet.
   *
   * @throws IOException if a port cannot be bound or a configured file cannot be read
   */
  public static Gateway start(Settings settings) throws IOException {
    return start(settings, Optional.empty());
  }

  /** Starts a node in a given cluster. */
  static Gateway start(Settings settings, Optional<Cluster> given) throws IOException {
    Deque<Closeable> parts = new ArrayDeque<>();
    boolean started = false;
    try {
      Gateway gateway = build(settings, given, parts);
      started = true;
      return gateway;
    } finally {
      if (!started) {
        stop(parts);
      }
    }
  }

  // The parts in the order in which they need each other; that order is what there is to read.
  @SuppressWarnings("checkstyle:main")
  private static Gateway build(Settings settings, Optional<Cluster> given, Deque<Closeable> parts)
      throws IOException {
    XnioWorker worker = XnioEventLoop.worker("holdfast", settings.get(ProcessKeys.IO_THREADS));
    parts.push(worker::shutdownNow);
    Metrics metrics = new Metrics();
    EventLoopLag lag = opened(parts, EventLoopLag.measure(worker, metrics));
    Coordination nodes = opened(parts, Coordination.start(settings, given, metrics));
    Upstreams upstreams = opened(parts, Upstreams.start(settings, worker, metrics));
    NodeDialer dialer =
        opened(parts, NodeDialer.of(settings, worker, () -> metrics.internalError("connection")));
    Peers peers = nodes.cluster().peers();
    NodeTrust trust = trust(peers, metrics);
    XnioEventLoop loop = new XnioEventLoop(worker.getIoThread());
    EventLoop tasks = tasks(loop, metrics);
    NodeNetwork network = NodeNetwork.over(dialer, trust, peers, nodes.lastKnown(settings, tasks));
    Forwarding forwarding = new Forwarding(settings);
    Shared shared = shared(settings, tasks, upstreams, metrics, nodes.cluster(), network);
    NodeBackends backends = new NodeBackends(network, dialer, trust);
    NodeProxy others = opened(parts, others(shared, backends, forwarding));
    EngineServer server = SessionService.server(shared, forwarding);
    PollingFallback fallback = new PollingFallback(settings, shared.identity(), metrics);
    EngineHandler engine = engine(shared, forwarding, server, others, fallback);
    ExchangeObserver revocations = Revocations.start(shared, tasks);
    Interceptors interceptors = new Interceptors(List.of(revocations, fallback), fallback);
    Proxy proxy = opened(parts, proxy(shared, forwarding, interceptors));
    upstreams.onHealthy(proxy::upstreamRecovered);
    ThisNode self = new ThisNode(network.peers().self(), shared.registry(), shared.upstreams());
    Reachability reached = nodes.reachability(tasks, dialer.trial(loop.thread()), metrics);
    Overload overload = OverloadMonitor.start(shared, lag, tasks);
    Optional<AdminListener> admin = AdminListener.open(shared, nodes, self, reached, overload);
    admin.ifPresent(parts::push);
    HttpHandler root = root(shared, trust, engine, proxy);
    PublicListener listener = opened(parts, listener(shared, worker, tasks, root));
    nodes.join(settings, listener.address());
    NodeDrain drain = drain(shared, server, new PassedOn(proxy, others), tasks);
    UpstreamDrains drains = new UpstreamDrains(shared, tasks);
    Gateway gateway =
        new Gateway(parts, listener, admin, drain, drains, settings.get(ProcessKeys.DRAIN_TIMEOUT));
    self.listen(new OperatorCommands(gateway::drain, drains), nodes.cluster().commands());
    return gateway;
  }

  /** Signs requests to other nodes and verifies theirs. */
  private static NodeTrust trust(Peers peers, Metrics metrics) {
    RejectionLog refusals =
        new RejectionLog((kind, reason) -> metrics.nodes().refused(reason), SteadyClock::nanoTime);
    return new NodeTrust(
        Signed.REQUEST, peers.incarnation(), peers::keys, refusals, WallClock::millis);
  }

  /** Wraps this event loop for the node's own tasks. */
  private static EventLoop tasks(EventLoop loop, Metrics metrics) {
    return ErrorBoundary.lasting("a task of the node", () -> metrics.internalError("task"))
        .guard(loop);
  }

  /** Reserves file descriptors for links, health checks and operators. */
  private static PublicListener listener(
      Shared shared, XnioWorker worker, EventLoop loop, HttpHandler root) throws IOException {
    AcceptGate gate =
        new AcceptGate(
            ProcessCapacity.read().openForAccepting(), ProcessCapacity.openDescriptors(), loop);
    shared.metrics().accepting(gate::isOpen);
    return PublicListener.open(
        shared.settings(), worker, shared.metrics(), shared.quotas(), gate, root);
  }

  private static NodeDrain drain(
      Shared shared, EngineServer server, NodeDrain.Requests rest, EventLoop loop) {
    NodeDrain.Node node =
        new NodeDrain.Node(shared.admission(), server.sockets(), shared.registry(), rest);
    return new NodeDrain(shared.settings(), node, shared.cluster(), loop);
  }

  private static Shared shared(
      Settings settings,
      EventLoop loop,
      Upstreams upstreams,
      Metrics metrics,
      Cluster cluster,
      NodeNetwork network) {
    Quotas quotas = quotas(settings, metrics);
    BufferPool pool = new BufferPool(settings.budgets().buffers());
    metrics.bufferBytes(pool::taken);
    BufferPool outboxes = new BufferPool(settings.budgets().outboxes());
    metrics.resume().outboxBytes(outboxes::taken);
    // RandomGenerator's default is in a separate module, which small JDK 17 runtimes lack.
    RandomGenerator random = new SplittableRandom();
    RandomIds secrets = new RandomIds(network.peers().self().prefix());
    return new Shared(
        settings,
        upstreams,
        new Identity(settings),
        admission(settings, quotas, cluster),
        new UserUpstreams(cluster.sessions().remoteSessions()),
        registry(settings, quotas, metrics),
        new NonResumingClients(settings, metrics.resume(), SteadyClock::nanoTime),
        new RelinkScheduler(upstreams, settings, cluster.rateLimit(), loop, random),
        RelinkScheduler.fenced(upstreams, settings, cluster.rateLimit(), loop, random),
        cluster,
        secrets,
        new SharedDocuments(secrets.random()),
        pool,
        outboxes,
        quotas,
        metrics,
        network);
  }

  private static Admission admission(Settings settings, Quotas quotas, Cluster cluster) {
    return new Admission(
        settings.budgets().connections(),
        settings.get(LimitKeys.CONNECTIONS_PER_ADDRESS),
        quotas,
        cluster.sessions().remoteSessions()::clientsAt);
  }

  private static SessionRegistry registry(Settings settings, Quotas quotas, Metrics metrics) {
    return new SessionRegistry(
        new ParkedLimit(
            settings.get(ResumeKeys.PARKED_PER_USER), metrics.resume(), SteadyClock::nanoTime),
        quotas.pool(Resource.PARKED_SESSIONS, settings.budgets().connections()));
  }

  private static NodeProxy others(Shared shared, NodeBackends backends, Forwarding forwarding) {
    return new NodeProxy(
        backends,
        shared.settings(),
        shared.metrics(),
        forwarding,
        shared.quotas(),
        shared::silence);
  }

  private static Proxy proxy(Shared shared, Forwarding forwarding, Interceptors interceptors) {
    UserRoutes routes = new UserRoutes(shared.upstreams(), shared.identity(), shared::upstreamOf);
    return new Proxy(
        shared.settings(), shared.metrics(), forwarding, shared.quotas(), routes, interceptors);
  }

  private static HttpHandler root(
      Shared shared, NodeTrust trust, EngineHandler engine, Proxy proxy) {
    boolean readyPage = shared.settings().get(ProxyKeys.READY_PAGE);
    ReadyPage ready =
        new ReadyPage(
            List.of(new NotDraining(shared.admission()), new UpstreamsReady(shared.upstreams())));
    HttpHandler all =
        exchange -> {
          boolean asksReady = readyPage && exchange.getRequestPath().equals(ReadyPage.PATH);
          HttpHandler other = asksReady ? ready : proxy;
          (engine.isFor(exchange) ? engine : other).handleRequest(exchange);
        };
    return new NodeRequestVerifier(trust, engine::isFor, shared.metrics(), all);
  }

  private static Quotas quotas(Settings limits, Metrics metrics) {
    Quotas quotas =
        new Quotas(
            Map.of(
                Resource.HEAD_BYTES,
                limits.budgets().heads(),
                Resource.BODY_BYTES,
                limits.budgets().bodies(),
                Resource.CONNECTIONS,
                (long) limits.budgets().connections()));
    metrics.quotas(quotas.gauges(), quotas.cuts());
    return quotas;
  }

  private static EngineHandler engine(
      Shared shared,
      Forwarding forwarding,
      EngineServer server,
      NodeProxy others,
      PollingFallback fallback) {
    Settings settings = shared.settings();
    OriginPolicy origins = new OriginPolicy(settings.get(EdgeKeys.ORIGINS), forwarding);
    EngineHandler.Context context =
        new EngineHandler.Context(
            settings.get(EdgeKeys.PATH),
            shared.pollingBodies(),
            forwarding::client,
            origins::objection,
            others,
            fallback);
    return new EngineHandler(context, server);
  }

  private static <T extends Closeable> T opened(Deque<Closeable> parts, T part) {
    parts.push(part);
    return part;
  }

  /** Returns the address that clients connect to. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** Returns the address that operators connect to, if configured. */
  public Optional<InetSocketAddress> adminAddress() {
    return admin.map(AdminListener::address);
  }

  /**
   * Moves all sessions off an upstream within {@code drain.timeout}, and allows no more there.
   *
   * @return number of sessions left when it is done
   * @throws IllegalArgumentException if no upstream has this {@code host:port}
   * @throws IllegalStateException if there is no other upstream for them
   */
  public CompletableFuture<Integer> drainUpstream(String name) {
    return upstreamDrains.drain(name);
  }

  /**
   * Allows sessions on an upstream again.
   *
   * @throws IllegalArgumentException if no upstream has this {@code host:port}
   */
  public void undrainUpstream(String name) {
    upstreamDrains.undrain(name);
  }

  /**
   * Drains this node within {@code drain.timeout}: new clients are refused, transports are closed
   * gradually, and requests in progress are completed. Blocks until it is done; the node keeps
   * listening.
   */
  public void drain() {
    // A node that was closed in the meantime has no event loop.
    drain.begin().copy().completeOnTimeout(null, drainMillis, TimeUnit.MILLISECONDS).join();
  }

  /** Drains like {@link #drain}, and then closes. */
  public void drainAndClose() {
    drain();
    close();
  }

  @Override
  public void close() {
    stop(parts);
  }

  private static void stop(Deque<Closeable> parts) {
    synchronized (parts) {
      while (!parts.isEmpty()) {
        try {
          parts.pop().close();
        } catch (IOException e) {
          LOG.warn("stopping a part failed: {}", e.getMessage());
        }
      }
    }
  }
}
