package dev.holdfast.simulation;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Some nodes, upstreams and pages, and what happens to them. */
final class Conversation implements Site, Page.Circumstances {
  private static final Duration WINDOW = Duration.ofSeconds(60);

  /** Sessions move within this time, or not at all. */
  private static final Duration STALL_FELT = Duration.ofSeconds(40);

  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** Settings under which little is much. */
  private static final List<Settings> SETTINGS =
      List.of(settings("256KiB", "16KiB"), settings("2KiB", "16KiB"), settings("16KiB", "64KiB"));

  private final World world;
  private final StepRunner runner;
  private final Network network;
  private final Registry registry;
  private final Settings settings;
  private final long nodeLatency;
  private final int window;
  private final boolean sticky;
  private final List<SimulatedUpstream> upstreams = new ArrayList<>();
  private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
  private final Map<String, Tab> tabs = new LinkedHashMap<>();
  private final Map<String, SimulatedNode> homes = new HashMap<>();
  private final Map<SimulatedNode, List<Runnable>> followers = new HashMap<>();
  private final List<SimulatedLoop> killed = new ArrayList<>();
  private int names;
  private int nodesLost;
  private boolean unknownNodes;
  private final Bus bus;
  private final boolean fenced;
  private final Documents.Support support;

  /**
   * A world that a seed decides.
   *
   * @param fenced whether its upstreams are Open WebUI, and sessions that move between them fenced
   */
  Conversation(long seed, boolean fenced, Trace trace, InternalErrors errors, Injector injector) {
    this.fenced = fenced;
    SplittableRandom random = new SplittableRandom(seed);
    world = new World(random.split(), trace, errors, injector);
    network = new Network(world);
    registry = new Registry(world);
    bus = new Bus(world);
    runner = new StepRunner(this);
    settings = SETTINGS.get(random.nextInt(SETTINGS.size()));
    nodeLatency = 100_000 + random.nextLong(1_500_000);
    window = (8 * 1024) << random.nextInt(4);
    sticky = random.nextBoolean();
    support = support(random.nextInt(16));
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      upstreams.add(new SimulatedUpstream(this, "up" + i, support));
    }
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      addNode();
    }
    world.pass(Duration.ofSeconds(3));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      addTab("t" + i, random);
    }
  }

  private static Documents.Support support(int ofSixteen) {
    return switch (ofSixteen) {
      case 0 -> Documents.Support.NONE;
      case 1 -> Documents.Support.REFUSED;
      default -> Documents.Support.FULL;
    };
  }

  private static Settings settings(String ackAfter, String waiting) {
    return Settings.of(
        Map.of(
            "resume.window",
            WINDOW.toSeconds() + "s",
            "drain.timeout",
            DRAIN.toSeconds() + "s",
            "resume.ack-after",
            ackAfter,
            "resume.outbox",
            "4MiB",
            "resume.kept",
            "4KiB",
            "limits.waiting",
            waiting,
            "relink.waiting",
            "16MiB",
            "limits.buffers",
            "64MiB",
            "resume.memory",
            "64MiB"));
  }

  Collection<SimulatedNode> nodes() {
    return nodes.values();
  }

  Collection<Tab> tabs() {
    return tabs.values();
  }

  /**
   * The registry may lose a node: who has not heard of it will not for a while, or never, nor will
   * it hear of others.
   */
  void mayBeUnregistered(SimulatedNode node) {
    unknownNodes |=
        nodes.values().stream()
            .anyMatch(
                each -> !each.registry().knows(node.id()) || !node.registry().knows(each.id()));
  }

  SimulatedNode addNode() {
    String name = "n" + names++;
    List<NodeId> known = registry.members().stream().map(Member::id).toList();
    // Those that the registry has lost it never hears of.
    unknownNodes |= nodes.values().stream().anyMatch(node -> !known.contains(node.id()));
    SimulatedNode node = new SimulatedNode(this, name, world.random().nextLong());
    nodes.put(name, node);
    for (int i = 0; i < upstreams.size(); i++) {
      tellHealth(node, i);
    }
    return node;
  }

  private void addTab(String token, SplittableRandom random) {
    long[] latencies = {1, 5, 15, 30, 60};
    EngineClient.Transport[] transports = EngineClient.Transport.values();
    Tab.Profile profile =
        new Tab.Profile(
            transports[random.nextInt(transports.length)],
            latencies[random.nextInt(latencies.length)] * 1_000_000,
            agent(random.nextInt(6)),
            random.nextInt(4) == 0);
    Tab tab = new Tab(this, token, profile);
    tabs.put(token, tab);
    world.after(random.nextLong(1_000_000_000), tab.client()::connect);
  }

  private static SimulatedExchange.Agent agent(int ofSix) {
    return switch (ofSix) {
      case 0 -> SimulatedExchange.Agent.APPLICATION;
      case 3 -> SimulatedExchange.Agent.PROGRAM;
      default -> SimulatedExchange.Agent.BROWSER;
    };
  }

  void tellHealth(SimulatedNode node, int upstream) {
    world.after(
        world.between(Duration.ZERO, Duration.ofMillis(700)),
        () -> {
          if (!node.isDown()) {
            boolean up = upstreams.get(upstream).isUp();
            node.upstreams().found(upstream, up, SimulatedUpstream.ANNOUNCED, world.now());
            if (fenced) {
              boolean answers = support != Documents.Support.NONE;
              node.upstreams().isOpenWebUi(upstream, answers);
            }
          }
        });
  }

  /** Does all steps, and then checks that nothing is missing and nothing is left. */
  void run(List<Step> steps) {
    world.injector().arm(world, runner::planted);
    for (Step step : steps) {
      world.trace().say(world.now(), "step", step.toString());
      runner.perform(step.kind(), new SplittableRandom(step.seed()));
      world.pass(Duration.ofMillis(step.pause()));
      tabs.values().forEach(tab -> tab.page().assertBounded());
    }
    finish();
  }

  /**
   * Whether there were no fences, and a node or an upstream stood still at about that time: links
   * that overlap were too far apart.
   */
  boolean mayBeTornAt(long at) {
    boolean without = !fenced || support != Documents.Support.FULL;
    return without && hadStalled(at);
  }

  private boolean hadStalled(long at) {
    boolean begun = runner.tornUntil() > 0 && at > runner.tornFrom() - STALL_FELT.toNanos();
    return begun && at - runner.tornUntil() < STALL_FELT.toNanos();
  }

  /** How far apart the links of a session may be without fences. */
  Duration lag() {
    return settings.get(RelinkKeys.LAG);
  }

  @Override
  public boolean areMovesFenced() {
    return fenced;
  }

  @Override
  public boolean mayBeLost() {
    return world.now() < runner.lossyUntil();
  }

  private void finish() {
    world.trace().say(world.now(), "step", "everything is well from now on");
    network.liftLimits();
    world.after(Injector.QUIET, world.injector()::lift);
    nodes.values().forEach(node -> node.registry().fault().lift());
    world.pass(Duration.ofSeconds(95));
    SplittableRandom calm = new SplittableRandom(1);
    for (Tab tab : tabs.values()) {
      Violation.unless(tab.client().isConnected(), "a tab is dead: it is not connected");
      Violation.unless(!runner.links(tab.page()).isEmpty(), "a tab is dead: it has no link");
      runner.stream(tab.page(), upstreams.get(0), 3, calm);
      runner.type(tab, 3, calm);
    }
    world.pass(Duration.ofSeconds(40));
    tabs.values().forEach(this::assertWell);
    for (SimulatedUpstream upstream : upstreams) {
      Violation.unless(upstream.documents().areEmpty(), "a link has not left its document");
    }
    tabs.values().forEach(tab -> tab.client().leave());
    world.pass(WINDOW.plus(Duration.ofSeconds(100)));
    for (SimulatedNode node : nodes.values()) {
      String left = node.isDown() ? "" : node.leftovers();
      Violation.unless(left.isEmpty(), "left on a node:" + left);
    }
    Violation.unless(registry.sessions() == 0, "sessions are left in the registry");
  }

  /** How many pages have lost a session. */
  long sessionsLost() {
    return tabs.values().stream().filter(tab -> tab.page().hasLostSession()).count();
  }

  private void assertWell(Tab tab) {
    Page page = tab.page();
    Violation.unless(page.last() == page.nextNumber() - 1, "a tab is dead: it gets no events");
    page.assertComplete();
    for (UpstreamLink link : runner.links(page)) {
      Violation.unless(!link.hasOpenCalls(), "a call was never answered");
    }
  }

  SimulatedNode chooseNode(String token) {
    SimulatedNode home = homes.get(token);
    if (sticky && home != null && !home.isDown() && !home.isDraining()) {
      return home;
    }
    List<SimulatedNode> up = nodes.values().stream().filter(node -> !node.isDown()).toList();
    List<SimulatedNode> ready = up.stream().filter(node -> !node.isDraining()).toList();
    SimulatedNode chosen =
        ready.isEmpty() || world.random().nextInt(10) == 0
            ? StepRunner.some(up, world.random())
            : StepRunner.some(ready, world.random());
    homes.put(token, chosen);
    return chosen;
  }

  @Override
  public boolean mayBeFresh(int lostBefore) {
    return unknownNodes || nodesLost > lostBefore;
  }

  @Override
  public boolean isUpstreamSlow() {
    return world.now() < runner.slowUntil();
  }

  @Override
  public int nodesLost() {
    return nodesLost;
  }

  @Override
  public long mostHeld(Page page) {
    long linked =
        runner.links(page).stream().mapToLong(UpstreamLink::since).min().orElse(Long.MAX_VALUE);
    // An upstream that stands still does not know yet that a link is cut, or that its node is gone.
    boolean whole =
        runner.links(page).stream().allMatch(link -> !link.isCut() && page.knows(link.sid()));
    boolean steady = whole && world.now() - linked > 2_000_000_000L && !runner.isDraining();
    return steady ? 2 * settings.get(LimitKeys.WAITING) + 3L * 64 * 1024 + 20_000 : -1;
  }

  /**
   * Two nodes lose each other while one of them drains: if that is in the moment in which a session
   * is handed over, neither may have it.
   */
  void mayLoseASession() {
    nodesLost++;
  }

  void follow(SimulatedNode node, Runnable died) {
    followers.computeIfAbsent(node, key -> new ArrayList<>()).add(died);
  }

  boolean wasKilled(SimulatedLoop loop) {
    return killed.contains(loop);
  }

  @Override
  public void killed(SimulatedNode node) {
    nodes.remove(node.id().value());
    nodesLost += node.lostSessions() ? 1 : 0;
    if (node.wasKilled()) {
      killed.addAll(node.loops());
    }
    List<Runnable> told = followers.remove(node);
    if (told != null) {
      told.forEach(Runnable::run);
    }
  }

  @Override
  public World world() {
    return world;
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public Registry registry() {
    return registry;
  }

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public @Nullable SimulatedNode node(String host) {
    return nodes.get(host);
  }

  @Override
  public List<SimulatedUpstream> upstreams() {
    return upstreams;
  }

  @Override
  public Bus bus() {
    return bus;
  }

  @Override
  public List<String> upstreamNames() {
    return upstreams.stream().map(SimulatedUpstream::name).toList();
  }

  @Override
  public SimulatedUpstream upstream(String host) {
    return upstreams.stream().filter(each -> each.name().equals(host)).findFirst().orElseThrow();
  }

  @Override
  public Page page(String token) {
    Tab tab = tabs.get(token);
    Violation.unless(tab != null, "a link brought the token " + token);
    return java.util.Objects.requireNonNull(tab).page();
  }

  @Override
  public long nodeLatency() {
    return nodeLatency;
  }

  @Override
  public int window() {
    return window;
  }
}
