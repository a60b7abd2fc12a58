package dev.holdfast.simulation;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Does what the steps of a conversation say. */
final class StepRunner {
  /** {@code limits.slow-transport}, and a little. */
  private static final Duration LOSSY = Duration.ofSeconds(12);

  private final Conversation site;
  private final World world;
  private final Network network;
  private @Nullable SimulatedUpstream drained;
  private long tornFrom;
  private long tornUntil;
  private long lossyUntil;
  private long slowUntil;
  private int calls;

  StepRunner(Conversation site) {
    this.site = site;
    this.world = site.world();
    this.network = site.network();
  }

  /** From when links of a session may be further apart than can be known without fences. */
  long tornFrom() {
    return tornFrom;
  }

  /** Until when they may. */
  long tornUntil() {
    return tornUntil;
  }

  /** Until when what clients send may go to a connection that another node has given up. */
  long lossyUntil() {
    return lossyUntil;
  }

  /** Until when what clients send may wait, because an upstream was given no time. */
  long slowUntil() {
    return slowUntil;
  }

  /** Whether sessions are being moved off an upstream. */
  boolean isDraining() {
    return drained != null;
  }

  void perform(Step.Kind kind, SplittableRandom random) {
    Tab tab = some(List.copyOf(site.tabs()), random);
    SimulatedNode node = some(List.copyOf(site.nodes()), random);
    SimulatedUpstream upstream = some(site.upstreams(), random);
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
      case STOP_NODE -> stall(node, random);
      case SPLIT -> split(node, random);
      case CUT_NODES -> cutNodes(random);
      case THROW -> fail(node, random);
      case WAIT -> {
        // The pause is all.
      }
    }
  }

  static <T> T some(List<T> all, SplittableRandom random) {
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
    for (SimulatedUpstream each : site.upstreams()) {
      site.bus().send(each, each.equals(origin) ? 0 : bus, () -> each.emit(page, emission));
    }
  }

  private SimulatedUpstream origin(SimulatedUpstream wanted) {
    return wanted.isUp()
        ? wanted
        : site.upstreams().stream().filter(SimulatedUpstream::isUp).findFirst().orElse(wanted);
  }

  void stream(Page page, SimulatedUpstream from, int count, SplittableRandom random) {
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

  private void call(Page page, SplittableRandom random) {
    List<UpstreamLink> links = links(page);
    if (!links.isEmpty()) {
      UpstreamLink link = some(links, random);
      int number = calls++;
      link.cable().far().loop().execute(() -> link.call(number));
    }
  }

  List<UpstreamLink> links(Page page) {
    return site.upstreams().stream().flatMap(each -> each.linksOf(page).stream()).toList();
  }

  void type(Tab tab, int count, SplittableRandom random) {
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
      boolean binary = random.nextInt(4) == 0;
      tab.loop().execute(() -> tab.client().emit(size, binary));
    }
  }

  private void cut(Tab tab, boolean silently) {
    EngineClient engine = tab.client().engine();
    if (engine != null) {
      vanishes(tab, silently);
      engine.cut(silently);
    }
  }

  private static void vanishes(Tab tab, boolean silently) {
    if (silently) {
      tab.page().vanished();
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
    vanishes(tab, silently);
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

  /** With two upstreams not for so long that the links of a session that moves are apart. */
  private void stop(SimulatedUpstream upstream, SplittableRandom random) {
    long most = site.upstreams().size() == 1 ? 6_000_000_000L : 450_000_000L;
    long end = world.now() + random.nextLong(most);
    upstream.loop().stallUntil(end);
    slowUntil = Math.max(slowUntil, end + LOSSY.toNanos());
    if (end - world.now() > site.lag().toNanos()) {
      // It may do so when it has written an event to one of a session's links and not to the other.
      mayTear(slowUntil);
    }
  }

  /**
   * Other nodes may end their connections to it meanwhile, and it learns that only when it has
   * passed on to them what its clients sent. One that forwards links is given up with them by those
   * that use them, so it stops for less long.
   */
  private void stall(SimulatedNode node, SplittableRandom random) {
    long most = node.isDraining() ? 1_500_000_000L : 9_000_000_000L;
    long end = world.now() + random.nextLong(most);
    site.mayBeUnregistered(node);
    node.stall(end);
    mayLose(end);
  }

  private void mayLose(long until) {
    lossyUntil = Math.max(lossyUntil, until + LOSSY.toNanos());
    mayTear(lossyUntil);
    site.tabs().forEach(tab -> tab.page().excuseTransmissions());
  }

  private void mayTear(long until) {
    tornFrom = tornUntil == 0 ? world.now() : tornFrom;
    tornUntil = Math.max(tornUntil, until);
  }

  private void drain(SimulatedNode node) {
    if (!node.isDown() && !node.isDraining() && othersThan(node) > 0) {
      node.drain(site::addNode);
    }
  }

  private long othersThan(SimulatedNode node) {
    return site.nodes().stream()
        .filter(each -> !each.equals(node) && !each.isDown() && !each.isDraining())
        .count();
  }

  private void kill(SimulatedNode node, SplittableRandom random) {
    if (!node.isDown() && othersThan(node) > 0) {
      node.kill();
      world.after(random.nextLong(5_000_000_000L), site::addNode);
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
    site.nodes().forEach(node -> site.tellHealth(node, site.upstreams().indexOf(upstream)));
  }

  private void drainUpstream(SimulatedUpstream upstream, SplittableRandom random) {
    String name = upstream.name() + ":80";
    if (drained != null) {
      return;
    }
    drained = upstream;
    for (SimulatedNode node : List.copyOf(site.nodes())) {
      long other =
          site.upstreams().stream().filter(each -> each.isUp() && !each.equals(upstream)).count();
      if (other > 0 && !node.isDown()) {
        node.tasks().execute(() -> node.drains().drainUpstream(name));
      }
    }
    world.after(
        10_000_000_000L + random.nextLong(30_000_000_000L),
        () -> {
          drained = null;
          site.nodes().stream()
              .filter(node -> !node.isDown())
              .forEach(node -> node.tasks().execute(() -> node.drains().undrainUpstream(name)));
        });
  }

  private void split(SimulatedNode node, SplittableRandom random) {
    site.mayBeUnregistered(node);
    node.registry().cut(Duration.ofNanos(random.nextLong(13_000_000_000L)));
  }

  private void cutNodes(SplittableRandom random) {
    List<Network.Cable> between =
        network.open().stream()
            .filter(cable -> isOfNode(cable.near()) && isOfNode(cable.far()))
            .toList();
    if (!between.isEmpty()) {
      network.reset(some(between, random));
      mayLose(world.now());
      if (site.nodes().stream().anyMatch(SimulatedNode::isDraining)) {
        site.mayLoseASession();
      }
    }
  }

  private void fail(SimulatedNode node, SplittableRandom random) {
    List<SimulatedConnection> ends =
        network.open().stream()
            .flatMap(cable -> Stream.of(cable.near(), cable.far()))
            .filter(end -> node.loops().contains(end.loop()) && !end.isClosed())
            .toList();
    int calls = random.nextInt(4);
    if (ends.isEmpty() || random.nextInt(3) == 0) {
      node.registry().fault().after(calls, () -> thrown(List.of()));
    } else {
      SimulatedConnection chosen = some(ends, random);
      chosen
          .fault()
          .after(
              calls,
              () -> {
                thrown(usersOf(chosen));
                linksOver(chosen).forEach(UpstreamLink::failed);
              });
    }
  }

  /** The sessions of these pages may end, and no others; none: it is not known whose. */
  private void thrown(List<Tab> users) {
    String where =
        StackWalker.getInstance()
            .walk(stack -> stack.skip(3).limit(9).map(StackWalker.StackFrame::toString).toList())
            .toString();
    world.trace().say(world.now(), "throw", where);
    (users.isEmpty() ? site.tabs() : users).forEach(tab -> tab.page().mayEnd());
  }

  /** The injector throws: one session may end that the node has a part of, and no other. */
  void planted() {
    for (SimulatedNode node : site.nodes()) {
      if (node.loops().contains(world.running)) {
        site.tabs().stream().filter(tab -> isOn(tab, node)).forEach(this::mayEnd);
      }
    }
  }

  private boolean isOn(Tab tab, SimulatedNode node) {
    EngineClient engine = tab.client().engine();
    Network.Cable cable = engine == null ? null : engine.cable();
    List<UpstreamLink> links = links(tab.page());
    return cable == null
        || links.isEmpty()
        || node.loops().contains(cable.far().loop())
        || links.stream().anyMatch(link -> node.loops().contains(link.cable().near().loop()));
  }

  private void mayEnd(Tab tab) {
    tab.page().mayEnd();
    links(tab.page()).forEach(UpstreamLink::failed);
  }

  private List<Tab> usersOf(SimulatedConnection connection) {
    return site.tabs().stream()
        .filter(tab -> tab.uses(connection) || uses(tab.page(), connection))
        .toList();
  }

  private boolean uses(Page page, SimulatedConnection connection) {
    return linksOver(connection).anyMatch(link -> link.isOf(page));
  }

  private Stream<UpstreamLink> linksOver(SimulatedConnection connection) {
    return site.tabs().stream()
        .flatMap(tab -> links(tab.page()).stream())
        .filter(link -> link.cable().near().equals(connection));
  }

  private boolean isOfNode(SimulatedConnection end) {
    return site.nodes().stream().anyMatch(node -> node.loops().contains(end.loop()));
  }
}
