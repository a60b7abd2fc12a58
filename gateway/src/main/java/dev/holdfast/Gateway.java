package dev.holdfast;

import dev.holdfast.admin.AdminPort;
import dev.holdfast.admin.Api;
import dev.holdfast.admin.ApiHandler;
import dev.holdfast.admin.EventLoopLag;
import dev.holdfast.admin.NodesReached;
import dev.holdfast.admin.NotDraining;
import dev.holdfast.admin.Readiness;
import dev.holdfast.admin.ThisNode;
import dev.holdfast.admin.UpstreamsReady;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.cluster.Registry;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import dev.holdfast.edge.EngineHandler;
import dev.holdfast.edge.EngineOptions;
import dev.holdfast.edge.EngineServer;
import dev.holdfast.edge.NodeGate;
import dev.holdfast.edge.Secrets;
import dev.holdfast.edge.SocketSessions;
import dev.holdfast.http.HttpPort;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.ParkedLimit;
import dev.holdfast.hub.Residents;
import dev.holdfast.hub.Users;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.proxy.NodeBackends;
import dev.holdfast.proxy.NodeProxy;
import dev.holdfast.proxy.Proxy;
import dev.holdfast.proxy.UserRoutes;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.upstream.Identity;
import dev.holdfast.upstream.NodeDialer;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.Relinks;
import dev.holdfast.upstream.Upstreams;
import dev.holdfast.wire.XnioEventLoop;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * One node, running. {@link #start} builds the parts from the settings, {@link #drain} stops it
 * without haste, {@link #close} at once. Thread-safe.
 */
public final class Gateway implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /** For the last step of a drain, when its time is over. */
  private static final Duration VACATE_GRACE = Duration.ofSeconds(1);

  private final Deque<Closeable> parts;
  private final Listener listener;
  private final Optional<HttpPort> adminPort;
  private final Drain drain;
  private final UpstreamDrains upstreamDrains;
  private final long vacateMillis;

  private Gateway(
      Deque<Closeable> parts,
      Listener listener,
      Optional<HttpPort> adminPort,
      Drain drain,
      UpstreamDrains upstreamDrains,
      Duration drainTimeout) {
    this.parts = parts;
    this.listener = listener;
    this.adminPort = adminPort;
    this.drain = drain;
    this.upstreamDrains = upstreamDrains;
    this.vacateMillis = drainTimeout.plus(VACATE_GRACE).toMillis();
  }

  /**
   * Starts a node and returns when its ports are open. Upstreams need not be there yet.
   *
   * @throws IOException if a port cannot be bound or a file of the settings cannot be read
   */
  public static Gateway start(Settings settings) throws IOException {
    return start(settings, Optional.empty());
  }

  /** Starts a node that knows the others in a way of its own. */
  static Gateway start(Settings settings, Optional<Cluster> given) throws IOException {
    Deque<Closeable> parts = new ArrayDeque<>();
    try {
      return build(settings, given, parts);
    } catch (IOException | RuntimeException e) {
      stop(parts);
      throw e;
    }
  }

  private static Gateway build(Settings settings, Optional<Cluster> given, Deque<Closeable> parts)
      throws IOException {
    XnioWorker worker = worker(settings);
    parts.push(worker::shutdownNow);
    Metrics metrics = new Metrics();
    parts.push(EventLoopLag.measure(worker, metrics));
    Coordination nodes = opened(parts, Coordination.start(settings, given, metrics));
    Upstreams upstreams = opened(parts, Upstreams.start(settings, worker, metrics));
    NodeDialer dialer =
        opened(parts, NodeDialer.of(settings, worker, () -> metrics.internalError("connection")));
    Peers peers = nodes.cluster().peers();
    NodeTrust trust = new NodeTrust(peers);
    XnioEventLoop loop = new XnioEventLoop(worker.getIoThread());
    EventLoop tasks = tasks(loop, metrics);
    NodeNetwork network = NodeNetwork.over(dialer, trust, peers, nodes.lastKnown(settings, tasks));
    Forwarding forwarding = new Forwarding(settings);
    SocketSessions.Shared shared =
        shared(settings, tasks, upstreams, metrics, nodes.cluster(), network);
    NodeBackends backends = new NodeBackends(network, dialer, trust);
    NodeProxy others =
        opened(parts, new NodeProxy(backends, settings, metrics, forwarding, shared::silence));
    EngineServer server = engineServer(shared);
    EngineHandler engine = engine(shared, forwarding, server, others);
    UserRoutes routes = new UserRoutes(upstreams, shared.identity(), shared::upstreamOf);
    Proxy proxy = opened(parts, new Proxy(settings, metrics, forwarding, routes));
    upstreams.onHealthy(proxy::upstreamIsBack);
    ThisNode self = new ThisNode(network.peers().self(), shared.residents(), shared.upstreams());
    Reachability reached = nodes.reachability(tasks, dialer.trial(loop.thread()), metrics);
    Optional<HttpPort> adminPort = adminPort(shared, worker, nodes, self, reached);
    adminPort.ifPresent(parts::push);
    HttpHandler root = new NodeGate(trust, engine::isFor, metrics, root(engine, proxy));
    Listener listener =
        opened(parts, Listener.open(settings, worker, metrics, shared.quotas(), root));
    nodes.join(settings, listener.address());
    Drain drain = drain(shared, server, new PassedOn(proxy, others), tasks);
    UpstreamDrains drains = new UpstreamDrains(shared, tasks);
    Gateway gateway =
        new Gateway(parts, listener, adminPort, drain, drains, settings.drainTimeout());
    self.obey(new Orders(gateway::vacate, drains), nodes.cluster().commands());
    return gateway;
  }

  /** The node's own tasks on this event loop. */
  private static EventLoop tasks(EventLoop loop, Metrics metrics) {
    return ErrorBoundary.lasting("a task of the node", () -> metrics.internalError("task"))
        .guard(loop);
  }

  private static Drain drain(
      SocketSessions.Shared shared, EngineServer server, Drain.Requests requests, EventLoop loop) {
    Drain.Node node =
        new Drain.Node(shared.admission(), server.sockets(), shared.residents(), requests);
    return new Drain(shared.settings(), node, shared.cluster(), loop);
  }

  private static SocketSessions.Shared shared(
      Settings settings,
      EventLoop loop,
      Upstreams upstreams,
      Metrics metrics,
      Cluster cluster,
      NodeNetwork network) {
    Settings.Limits limits = settings.limits();
    BufferPool pool = new BufferPool(limits.bufferBytes());
    metrics.bufferBytes(pool::taken);
    BufferPool outboxes = new BufferPool(settings.resume().memoryBytes());
    metrics.resume().outboxBytes(outboxes::taken);
    // RandomGenerator's default is in a module of its own that small runtimes of JDK 17 lack.
    RandomGenerator random = new SplittableRandom();
    Secrets secrets = new Secrets(network.peers().self());
    return new SocketSessions.Shared(
        settings,
        upstreams,
        new Identity(settings.auth()),
        new Admission(
            limits.connections(), limits.connectionsPerAddress(), cluster.sessions().elsewhere()),
        new Users(cluster.sessions().elsewhere()),
        new Residents(
            new ParkedLimit(
                settings.resume().parkedPerUser(), metrics.resume(), SteadyClock::nanoTime)),
        new Relinks(upstreams, settings.relink(), cluster.budget(), loop, random),
        Relinks.ofFencedMoves(upstreams, settings.relink(), cluster.budget(), loop, random),
        cluster,
        secrets,
        new SharedDocuments(secrets.random()),
        pool,
        outboxes,
        quotas(limits, metrics),
        metrics,
        network);
  }

  private static HttpHandler root(EngineHandler engine, Proxy proxy) {
    return exchange -> {
      if (engine.isFor(exchange)) {
        engine.handleRequest(exchange);
      } else {
        proxy.handleRequest(exchange);
      }
    };
  }

  private static XnioWorker worker(Settings settings) throws IOException {
    return Xnio.getInstance(Gateway.class.getClassLoader())
        .createWorker(
            OptionMap.builder()
                .set(Options.WORKER_NAME, "holdfast")
                .set(Options.WORKER_IO_THREADS, settings.ioThreads())
                // Only metrics pages are made off the I/O threads.
                .set(Options.WORKER_TASK_CORE_THREADS, 1)
                .set(Options.WORKER_TASK_MAX_THREADS, 2)
                .set(Options.TCP_NODELAY, true)
                .set(Options.THREAD_DAEMON, true)
                .getMap());
  }

  private static Quotas quotas(Settings.Limits limits, Metrics metrics) {
    long bodies = limits.bodiesBytes().orElse(Runtime.getRuntime().maxMemory() / 4);
    Quotas quotas =
        new Quotas(Map.of(Resource.HEAD_BYTES, limits.headsBytes(), Resource.BODY_BYTES, bodies));
    metrics.quotas(quotas.gauges());
    return quotas;
  }

  private static EngineHandler engine(
      SocketSessions.Shared shared, Forwarding forwarding, EngineServer server, NodeProxy others) {
    EngineHandler.Context context =
        new EngineHandler.Context(
            shared.settings(),
            forwarding,
            shared.identity(),
            others::sendOn,
            shared.quotas(),
            shared.metrics());
    return new EngineHandler(context, server);
  }

  private static EngineServer engineServer(SocketSessions.Shared shared) {
    Settings settings = shared.settings();
    EngineOptions options =
        new EngineOptions(
            settings.socketio().upgradeTimeout(),
            settings.limits().pollingIdle(),
            settings.limits().postPackets(),
            settings.limits().waitingBytes(),
            settings.limits().slowTransport(),
            shared.pool(),
            shared.metrics());
    return new EngineServer(options, new SocketSessions(shared), shared.secrets());
  }

  private static Optional<HttpPort> adminPort(
      SocketSessions.Shared shared,
      XnioWorker worker,
      Coordination nodes,
      ThisNode self,
      Reachability reachability)
      throws IOException {
    Optional<HostPort> listen = shared.settings().admin().listen();
    if (listen.isEmpty()) {
      return Optional.empty();
    }
    List<Readiness> readiness = new ArrayList<>(nodes.readiness());
    readiness.add(new NodesReached(reachability));
    readiness.add(new UpstreamsReady(shared.upstreams()));
    readiness.add(new NotDraining(shared.admission()));
    return Optional.of(
        AdminPort.open(
            listen.get(),
            worker,
            shared.metrics(),
            readiness,
            api(shared.settings().admin(), nodes.cluster(), self)));
  }

  /** The API can end sessions: elsewhere than on this machine only with a token. */
  private static Optional<ApiHandler> api(Settings.Admin admin, Cluster cluster, ThisNode self)
      throws IOException {
    String host = admin.listen().orElseThrow().host();
    if (admin.token().isEmpty() && !InetAddress.getByName(host).isLoopbackAddress()) {
      LOG.info(
          "the admin API is off: admin.listen is for other machines, and no admin.token is set");
      return Optional.empty();
    }
    Api api = new Api(Registry.of(cluster), Optional.of(self));
    return Optional.of(new ApiHandler(api, admin.token()));
  }

  private static <T extends Closeable> T opened(Deque<Closeable> parts, T part) {
    parts.push(part);
    return part;
  }

  /** Where clients connect. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** Where operators connect, if that is set. */
  public Optional<InetSocketAddress> adminAddress() {
    return adminPort.map(HttpPort::address);
  }

  /**
   * Moves all sessions off an upstream within {@code drain.timeout}, and lets no more go there.
   *
   * @return how many are left, when it is done
   * @throws IllegalArgumentException if no upstream has this {@code host:port}
   * @throws IllegalStateException if there is no other upstream for them
   */
  public CompletableFuture<Integer> drainUpstream(String name) {
    return upstreamDrains.drain(name);
  }

  /**
   * Lets sessions go to an upstream again.
   *
   * @throws IllegalArgumentException if no upstream has this {@code host:port}
   */
  public void undrainUpstream(String name) {
    upstreamDrains.undrain(name);
  }

  /**
   * Empties this node within {@code drain.timeout}: nobody new comes in, transports are closed bit
   * by bit, requests in flight are finished. Blocks until it is done; the node goes on listening.
   */
  public void vacate() {
    // A node that is closed meanwhile has no event loop any more.
    drain.begin().copy().completeOnTimeout(null, vacateMillis, TimeUnit.MILLISECONDS).join();
  }

  /** Stops as {@link #vacate} does, and then at once. */
  public void drain() {
    vacate();
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
