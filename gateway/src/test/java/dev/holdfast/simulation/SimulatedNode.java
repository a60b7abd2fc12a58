package dev.holdfast.simulation;

import dev.holdfast.NodeDrains;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.EngineServer;
import dev.holdfast.engineio.SeededSecrets;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.memory.TestPools;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.session.CloseReason;
import dev.holdfast.sessions.NonResumingClients;
import dev.holdfast.sessions.ParkedLimit;
import dev.holdfast.sessions.SessionRegistry;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.sessions.UserUpstreams;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.UpstreamFixture;
import dev.holdfast.wire.WebSocketConnector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;

/** A whole node: everything but Undertow, XNIO, Redis and the HTTP proxy. */
final class SimulatedNode {
  private static final Metrics METRICS = new Metrics();

  private final Site site;
  private final NodeId id;
  private final List<SimulatedLoop> loops;
  private final EventLoop tasks;
  private final RegistryClient registry;
  private final UpstreamFixture upstreams;
  private final NodeNetwork network;
  private final SessionService.Shared shared;
  private final EngineServer server;
  private final NodeDrains drains;
  private final BufferPool pool;
  private final BufferPool outboxes;
  private boolean down;
  private boolean killed;
  private boolean cutSessions;
  private boolean draining;
  private long stalledUntil;

  SimulatedNode(Site site, String name, long seed) {
    this.site = site;
    this.id = new NodeId(name);
    World world = site.world();
    this.loops =
        List.of(
            new SimulatedLoop(world, name + "/0", true),
            new SimulatedLoop(world, name + "/1", true));
    this.tasks =
        ErrorBoundary.lasting("a task of the node", () -> {}).guard((EventLoop) loops.get(0));
    this.registry = new RegistryClient(site.registry(), id, name + "-" + seed);
    this.upstreams =
        new UpstreamFixture(site.upstreamNames(), host -> site.upstream(host).connector(this));
    LastKnown lastKnown =
        new LastKnown(
            tasks, site.settings().get(ResumeKeys.WINDOW), site.settings().get(NodeKeys.GIVE_UP));
    registry.onChange(lastKnown);
    this.network =
        new NodeNetwork(registry, lastKnown, (place, client, path) -> connector(place, client));
    Runnable allocating = () -> world.injector().at(Injector.Place.ALLOCATE);
    this.pool = TestPools.of(site.settings().budgets().buffers(), allocating);
    this.outboxes = TestPools.of(site.settings().budgets().outboxes(), allocating);
    this.shared = shared(site.settings(), seed);
    this.server = SessionService.server(shared, new Forwarding(site.settings()));
    this.drains = new NodeDrains(shared, server.sockets(), registry, tasks);
    registry.join(InetSocketAddress.createUnresolved(name, 1));
  }

  private SessionService.Shared shared(Settings settings, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Quotas quotas = TestQuotas.plenty();
    return new SessionService.Shared(
        settings,
        upstreams.upstreams(),
        new Identity(settings),
        new Admission(
            settings.budgets().connections(),
            settings.get(LimitKeys.CONNECTIONS_PER_ADDRESS),
            quotas,
            registry.remoteSessions()::clientsAt),
        new UserUpstreams(registry.remoteSessions()),
        new SessionRegistry(
            new ParkedLimit(
                settings.get(ResumeKeys.PARKED_PER_USER), METRICS.resume(), loops.get(0)::nanoTime),
            quotas.pool(Resource.PARKED_SESSIONS, settings.budgets().connections())),
        new NonResumingClients(settings, METRICS.resume(), loops.get(0)::nanoTime),
        new RelinkScheduler(upstreams.upstreams(), settings, registry, tasks, random),
        RelinkScheduler.fenced(upstreams.upstreams(), settings, registry, tasks, random),
        registry,
        SeededSecrets.of(id.prefix(), seed),
        new SharedDocuments(new SplittableRandom(seed)),
        pool,
        outboxes,
        quotas,
        METRICS,
        network);
  }

  NodeId id() {
    return id;
  }

  boolean isDown() {
    return down;
  }

  /** Whether its process ended without a word. */
  boolean wasKilled() {
    return killed;
  }

  /** Whether it has ended with sessions that no other node took over. */
  boolean lostSessions() {
    return killed || cutSessions;
  }

  boolean isDraining() {
    return draining;
  }

  NodeNetwork network() {
    return network;
  }

  UpstreamFixture upstreams() {
    return upstreams;
  }

  RegistryClient registry() {
    return registry;
  }

  List<SimulatedLoop> loops() {
    return loops;
  }

  /** Its own tasks, none of which an error ends. */
  EventLoop tasks() {
    return tasks;
  }

  NodeDrains drains() {
    return drains;
  }

  private SimulatedLoop someLoop() {
    return loops.get(site.world().random().nextInt(loops.size()));
  }

  /** A request has come over a connection of its own. */
  SimulatedExchange handle(
      SimulatedExchange.Asked asked,
      SimulatedExchange.Asker asker,
      SimulatedExchange.Answer answer) {
    SimulatedExchange exchange = new SimulatedExchange(this, someLoop(), asked, asker, answer);
    exchange.loop().execute(exchange.boundary().guard(() -> server.handle(exchange)));
    return exchange;
  }

  /** Passes a request on to the node of its session. */
  void sendOn(
      NodeNetwork.Place place,
      SimulatedExchange.Asked asked,
      SimulatedExchange.Asker asker,
      SimulatedExchange.Answer answer,
      SimulatedExchange from) {
    World world = site.world();
    SimulatedNode other = site.node(place.address().getHostString());
    SimulatedExchange.Asker vouched =
        new SimulatedExchange.Asker(asker.client(), asker.agent(), true);
    world.after(
        site.nodeLatency(),
        () -> {
          if (other == null || other.isDown()) {
            from.refuse(EngineError.SESSION_UNKNOWN);
          } else {
            SimulatedExchange passed = other.handle(asked, vouched, answer);
            from.onAbort(passed::abort);
          }
        });
  }

  private WebSocketConnector connector(NodeNetwork.Place place, ForwardedClient client) {
    return (loop, limit, outcome) -> {
      site.world().injector().at(Injector.Place.DIAL);
      NodeDial dial = new NodeDial(site, (SimulatedLoop) loop, outcome);
      dial.start(place.address().getHostString(), client, limit);
      return dial;
    };
  }

  /** The process gets no time for so long. */
  void stall(long until) {
    stalledUntil = until;
    loops.forEach(loop -> loop.stallUntil(until));
    registry.stallUntil(until);
  }

  boolean isStalled() {
    return site.world().now() < stalledUntil;
  }

  /** It stops gracefully, and its process ends. */
  void drain(Runnable then) {
    draining = true;
    double before = sessionsCut();
    drains.drain(
        () -> {
          if (!down) {
            cutSessions = sessionsCut() > before || shared.registry().size() > 0;
            registry.close();
            site.network().ended(loops);
            end();
            then.run();
          }
        });
  }

  /** Its process ends without a word. */
  void kill() {
    killed = true;
    registry.kill();
    site.network().killed(loops);
    end();
  }

  private void end() {
    down = true;
    loops.forEach(SimulatedLoop::kill);
    site.killed(this);
  }

  /** How many sessions had to guess from where their next link goes on, on all nodes so far. */
  static double unsureMoves() {
    return count("holdfast_switchovers", "result", "unsure")
        - count("holdfast_switchovers", "reason", "no-fences");
  }

  /** How many sessions did not find another node before theirs had stopped, on all so far. */
  private static double sessionsCut() {
    return count("holdfast_sessions_closed", "reason", CloseReason.DRAINED.label());
  }

  private static double count(String counter, String label, String value) {
    return METRICS.registry().scrape(counter::equals).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .filter(point -> value.equals(point.getLabels().get(label)))
        .mapToDouble(point -> ((CounterSnapshot.CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  /** What is left here though nobody is connected any more; empty if nothing. */
  String leftovers() {
    StringBuilder left = new StringBuilder();
    add(left, "sockets", server.sockets().size());
    add(left, "sessions", shared.registry().size());
    add(left, "connections", shared.quotas().taken(Resource.TRANSPORTS));
    add(left, "buffer bytes", pool.taken());
    add(left, "outbox bytes", outboxes.taken());
    add(left, "timers", loops.stream().mapToInt(SimulatedLoop::timers).sum());
    return left.toString();
  }

  private static void add(StringBuilder left, String what, long count) {
    if (count != 0) {
      left.append(' ').append(count).append(' ').append(what);
    }
  }

  @Override
  public String toString() {
    return id.value();
  }
}
