package dev.holdfast.simulation;

import dev.holdfast.config.Settings;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Some nodes, upstreams and pages, and what happens to them. */
final class Conversation implements Site, Page.Circumstances {
  private static final Duration WINDOW = Duration.ofSeconds(60);
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** Settings under which little is much. */
  private static final List<Settings> SETTINGS =
      List.of(settings("256KiB", "16KiB"), settings("2KiB", "16KiB"), settings("16KiB", "64KiB"));

  private final World world;
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
  private @Nullable SimulatedUpstream drained;
  private int names;
  private int nodesEnded;

  Conversation(long seed, Trace trace) {
    SplittableRandom random = new SplittableRandom(seed);
    world = new World(random.split(), trace);
    network = new Network(world);
    registry = new Registry(world);
    settings = SETTINGS.get(random.nextInt(SETTINGS.size()));
    nodeLatency = 100_000 + random.nextLong(1_500_000);
    window = (8 * 1024) << random.nextInt(4);
    sticky = random.nextBoolean();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      upstreams.add(new SimulatedUpstream(this, "up" + i));
    }
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      addNode();
    }
    world.pass(Duration.ofSeconds(3));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      addTab("t" + i, random);
    }
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
            "limits.buffers",
            "64MiB",
            "resume.memory",
            "64MiB"));
  }

  private SimulatedNode addNode() {
    String name = "n" + names++;
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
            random.nextInt(3) > 0,
            random.nextInt(4) == 0);
    Tab tab = new Tab(this, token, profile);
    tabs.put(token, tab);
    world.after(random.nextLong(1_000_000_000), tab.client()::connect);
  }

  private void tellHealth(SimulatedNode node, int upstream) {
    world.after(
        world.between(Duration.ZERO, Duration.ofMillis(700)),
        () -> {
          if (!node.isDown()) {
            boolean up = upstreams.get(upstream).isUp();
            node.upstreams().found(upstream, up, SimulatedUpstream.ANNOUNCED, world.now());
          }
        });
  }

  /** Does all steps, and then checks that nothing is missing and nothing is left. */
  void run(List<Step> steps) {
    for (Step step : steps) {
      world.trace().say(world.now(), "step", step.toString());
      perform(step.kind(), new SplittableRandom(step.seed()));
      world.pass(Duration.ofMillis(step.pause()));
    }
    finish();
  }

  private void perform(Step.Kind kind, SplittableRandom random) {
    Tab tab = some(List.copyOf(tabs.values()), random);
    SimulatedNode node = some(List.copyOf(nodes.values()), random);
    SimulatedUpstream upstream = some(upstreams, random);
    switch (kind) {
      case STREAM -> stream(tab.page(), upstream, 5 + random.nextInt(60), random);
      case BURST -> burst(tab.page(), upstream, 1 + random.nextInt(80), random);
      case CALL -> call(tab.page(), random);
      case TYPE -> type(tab, 3 + random.nextInt(60), random);
      case UPLOAD -> upload(tab, 20 + random.nextInt(40), random);
      case CUT -> cut(tab, false);
      case VANISH -> cut(tab, true);
      case CUT_INSIDE -> cutInside(tab, random);
      case DRAIN -> drain(node);
      case KILL -> kill(node, random);
      case CUT_LINK -> cutLink(tab.page(), upstream);
      case RESTART_UPSTREAM -> restart(upstream, random);
      case DRAIN_UPSTREAM -> drainUpstream(upstream, random);
      case STOP_UPSTREAM -> stop(upstream, random);
      case STOP_NODE -> node.stall(world.now() + random.nextLong(9_000_000_000L));
      case SPLIT -> split(node, random);
      case CUT_NODES -> cutNodes(random);
      case WAIT -> {
        // The pause is all.
      }
    }
  }

  private static <T> T some(List<T> all, SplittableRandom random) {
    return all.get(random.nextInt(all.size()));
  }

  private static List<byte[]> frames(int number, SplittableRandom random) {
    int kind = random.nextInt(12);
    int size = kind == 0 ? random.nextInt(6000) : random.nextInt(80);
    String data = "{\"n\":" + number + ",\"p\":\"" + "y".repeat(size) + "\"";
    if (kind != 1) {
      return List.of(TextFrame.of("42[\"e\"," + data + "}]"));
    }
    String text = "451-[\"b\"," + data + ",\"b\":{\"_placeholder\":true,\"num\":0}}]";
    ByteBuffer binary = ByteBuffer.allocate(FrameHeader.bytes(4) + 4);
    FrameHeader.write(binary, Opcode.BINARY, 4);
    binary.putInt(number);
    return List.of(TextFrame.of(text.getBytes(StandardCharsets.US_ASCII)), binary.array());
  }

  private void emit(Page page, SimulatedUpstream origin, SplittableRandom random) {
    Emission emission = page.emission(frames(page.nextNumber(), random));
    long bus = 300_000 + random.nextLong(4_000_000);
    for (SimulatedUpstream each : upstreams) {
      busTo(each, page, emission, each.equals(origin) ? 0 : bus);
    }
  }

  private final Map<SimulatedUpstream, Long> busUntil = new HashMap<>();

  /** What replicas tell each other keeps its order. */
  private void busTo(SimulatedUpstream to, Page page, Emission emission, long latency) {
    long at = Math.max(busUntil.getOrDefault(to, 0L), world.now() + latency);
    busUntil.put(to, at);
    world.after(at - world.now(), () -> to.emit(page, emission));
  }

  private SimulatedUpstream origin(SimulatedUpstream wanted) {
    return wanted.isUp()
        ? wanted
        : upstreams.stream().filter(SimulatedUpstream::isUp).findFirst().orElse(wanted);
  }

  private void stream(Page page, SimulatedUpstream from, int count, SplittableRandom random) {
    long pause = random.nextLong(60_000_000);
    for (int i = 0; i < count; i++) {
      SplittableRandom each = random.split();
      world.after(pause * i, () -> emit(page, origin(from), each));
    }
  }

  private void burst(Page page, SimulatedUpstream from, int count, SplittableRandom random) {
    for (int i = 0; i < count; i++) {
      emit(page, origin(from), random);
    }
  }

  private int calls;

  private void call(Page page, SplittableRandom random) {
    List<UpstreamLink> links = links(page);
    if (!links.isEmpty()) {
      UpstreamLink link = some(links, random);
      int number = calls++;
      link.cable().far().loop().execute(() -> link.call(number));
    }
  }

  private List<UpstreamLink> links(Page page) {
    return upstreams.stream().flatMap(each -> each.linksOf(page).stream()).toList();
  }

  private void type(Tab tab, int count, SplittableRandom random) {
    long pause = random.nextLong(40_000_000);
    for (int i = 0; i < count; i++) {
      int size = random.nextInt(60);
      boolean binary = random.nextInt(10) == 0;
      world.after(pause * i, () -> tab.loop().execute(() -> tab.client().emit(size, binary)));
    }
  }

  private void upload(Tab tab, int count, SplittableRandom random) {
    for (int i = 0; i < count; i++) {
      int size = 4000 + random.nextInt(12_000);
      tab.loop().execute(() -> tab.client().emit(size, false));
    }
  }

  private void cut(Tab tab, boolean silently) {
    EngineClient engine = tab.client().engine();
    if (engine != null) {
      engine.cut(silently);
    }
  }

  private void cutInside(Tab tab, SplittableRandom random) {
    EngineClient engine = tab.client().engine();
    Network.Cable cable = engine == null ? null : engine.cable();
    if (cable == null) {
      cut(tab, false);
      return;
    }
    Pipe pipe = random.nextInt(3) > 0 ? cable.down() : cable.up();
    boolean silently = random.nextInt(3) == 0;
    pipe.limit(
        random.nextInt(3000),
        () -> {
          if (silently) {
            network.vanish(cable);
          } else {
            network.reset(cable);
          }
        });
  }

  /** With two upstreams, not for so long that the links of a session that moves are apart. */
  private void stop(SimulatedUpstream upstream, SplittableRandom random) {
    long most = upstreams.size() == 1 ? 6_000_000_000L : 450_000_000L;
    upstream.loop().stallUntil(world.now() + random.nextLong(most));
  }

  private void drain(SimulatedNode node) {
    if (!node.isDown() && !node.isDraining() && othersThan(node) > 0) {
      node.drain(this::addNode);
    }
  }

  private long othersThan(SimulatedNode node) {
    return nodes.values().stream()
        .filter(each -> !each.equals(node) && !each.isDown() && !each.isDraining())
        .count();
  }

  private void kill(SimulatedNode node, SplittableRandom random) {
    if (!node.isDown() && othersThan(node) > 0) {
      node.kill();
      world.after(random.nextLong(5_000_000_000L), this::addNode);
    }
  }

  private void cutLink(Page page, SimulatedUpstream upstream) {
    upstream.linksOf(page).forEach(link -> network.reset(link.cable()));
  }

  private void restart(SimulatedUpstream upstream, SplittableRandom random) {
    if (upstream.isUp()) {
      upstream.kill();
      healthChanges(upstream);
      world.after(
          random.nextLong(5_000_000_000L),
          () -> {
            upstream.start();
            healthChanges(upstream);
          });
    }
  }

  private void healthChanges(SimulatedUpstream upstream) {
    nodes.values().forEach(node -> tellHealth(node, upstreams.indexOf(upstream)));
  }

  private void drainUpstream(SimulatedUpstream upstream, SplittableRandom random) {
    String name = upstream.name() + ":80";
    if (drained != null) {
      return;
    }
    drained = upstream;
    for (SimulatedNode node : List.copyOf(nodes.values())) {
      long other = upstreams.stream().filter(each -> each.isUp() && !each.equals(upstream)).count();
      if (other > 0 && !node.isDown()) {
        node.loops().get(0).execute(() -> node.drains().drainUpstream(name));
      }
    }
    world.after(
        10_000_000_000L + random.nextLong(30_000_000_000L),
        () -> {
          drained = null;
          nodes.values().stream()
              .filter(node -> !node.isDown())
              .forEach(
                  node -> node.loops().get(0).execute(() -> node.drains().undrainUpstream(name)));
        });
  }

  private void split(SimulatedNode node, SplittableRandom random) {
    node.registry().cut(true);
    world.after(random.nextLong(15_000_000_000L), () -> node.registry().cut(false));
  }

  private void cutNodes(SplittableRandom random) {
    List<Network.Cable> between =
        network.open().stream()
            .filter(cable -> isOfNode(cable.near()) && isOfNode(cable.far()))
            .toList();
    if (!between.isEmpty()) {
      network.reset(some(between, random));
      tabs.values().forEach(tab -> tab.page().excuseTransmissions());
    }
  }

  private boolean isOfNode(SimulatedConnection end) {
    return nodes.values().stream().anyMatch(node -> node.loops().contains(end.loop()));
  }

  private void finish() {
    world.trace().say(world.now(), "step", "everything is well from now on");
    world.pass(Duration.ofSeconds(95));
    SplittableRandom calm = new SplittableRandom(1);
    for (Tab tab : tabs.values()) {
      Violation.unless(tab.client().isConnected(), "a tab is dead: it is not connected");
      Violation.unless(!links(tab.page()).isEmpty(), "a tab is dead: it has no link");
      stream(tab.page(), upstreams.get(0), 3, calm);
      type(tab, 3, calm);
    }
    world.pass(Duration.ofSeconds(40));
    tabs.values().forEach(this::assertWell);
    tabs.values().forEach(tab -> tab.client().leave());
    world.pass(WINDOW.plus(Duration.ofSeconds(100)));
    for (SimulatedNode node : nodes.values()) {
      String left = node.isDown() ? "" : node.leftovers();
      Violation.unless(left.isEmpty(), "left on a node:" + left);
    }
    Violation.unless(registry.sessions() == 0, "sessions are left in the registry");
  }

  private void assertWell(Tab tab) {
    Page page = tab.page();
    Violation.unless(page.last() == page.nextNumber() - 1, "a tab is dead: it gets no events");
    page.assertComplete();
    for (UpstreamLink link : links(page)) {
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
            ? some(up, world.random())
            : some(ready, world.random());
    homes.put(token, chosen);
    return chosen;
  }

  @Override
  public int nodesEnded() {
    return nodesEnded;
  }

  @Override
  public long mostHeld(Page page) {
    long linked =
        links(page).stream().mapToLong(UpstreamLink::since).min().orElse(Long.MAX_VALUE);
    boolean steady = world.now() - linked > 2_000_000_000L && drained == null;
    return steady ? 2 * settings.limits().waitingBytes() + 2L * 64 * 1024 + 20_000 : -1;
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
    nodesEnded++;
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
