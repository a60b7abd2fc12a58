package dev.holdfast.simulation;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.HandoffLocations;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.cluster.RemoteSessionCounts;
import dev.holdfast.cluster.RemoteSessions;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.time.ErrorBoundary;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node's way to the registry, which is late, and can be cut. */
final class RegistryClient
    implements Cluster, Peers, Sessions, HandoffLocations, SharedRateLimit, Commands {
  private static final Keyring KEYS = Keyring.of(List.of("the key of all nodes"));
  private static final Duration BEAT = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofMillis(1);
  private static final Duration LATE = Duration.ofMillis(20);
  private static final Duration RECONNECT = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Registry registry;
  private final Fault fault = new Fault();
  private final World world;
  private final NodeId id;
  private final String incarnation;
  private final Membership membership = new Membership(ErrorBoundary.lasting("nodes", () -> {}));
  private final RemoteSessionCounts remoteCounts = new RemoteSessionCounts();
  private final Map<String, SessionRecord> own = new LinkedHashMap<>();
  private final Map<String, NodeId> unwritten = new LinkedHashMap<>();
  private InetSocketAddress address = InetSocketAddress.createUnresolved("nowhere", 0);
  private long number;
  private long stalledUntil;
  private long deafSince;
  private boolean cut;
  private boolean draining;
  private boolean over;

  RegistryClient(Registry registry, NodeId id, String incarnation) {
    this.registry = registry;
    this.world = registry.world();
    this.id = id;
    this.incarnation = incarnation;
    membership.onChange(
        new Nodes.Listener() {
          @Override
          public void joined(Member node) {}

          @Override
          public void left(Member node) {
            remoteCounts.forget(node.id());
          }
        });
  }

  void onChange(Nodes.Listener listener) {
    membership.onChange(listener);
  }

  /** Nothing passes between this node and the registry for so long, and until it tries again. */
  void cut(Duration time) {
    cut = true;
    deafSince = world.now();
    membership.disturbed();
    world.after(
        time.plusNanos(world.between(Duration.ZERO, RECONNECT)),
        () -> {
          cut = false;
          membership.disturbed();
          tryBeat();
        });
  }

  /** Whether it has heard of that node, or is that. */
  boolean knows(NodeId node) {
    return node.equals(id) || membership.find(node).isPresent();
  }

  /** The process gets no time until then. */
  void stallUntil(long time) {
    stalledUntil = time;
    membership.disturbed();
    world.after(time - world.now(), this::tryBeat);
  }

  /** The process has ended without a word. */
  void kill() {
    over = true;
  }

  private boolean isDeaf() {
    return over || cut || world.now() < stalledUntil;
  }

  private void beat() {
    if (!over) {
      tryBeat();
      world.after(BEAT, this::beat);
    }
  }

  private void tryBeat() {
    if (!isDeaf()) {
      unwritten.forEach(registry::moved);
      unwritten.clear();
      boolean known = registry.members().stream().anyMatch(node -> node.id().equals(id));
      registry.beat(member(), own);
      look();
      if (!known) {
        registry.announced(this);
      }
    }
  }

  private void look() {
    List<Member> members = registry.members();
    membership.seen(members);
    members.stream()
        .map(Member::id)
        .filter(node -> !node.equals(id))
        .forEach(node -> remoteCounts.replace(node, registry.sessionsOf(node)));
  }

  private Member member() {
    return new Member(id, incarnation, address, "", draining, own.size());
  }

  private void soon(Runnable action) {
    world.after(world.between(SOON, LATE), action);
  }

  /** What the registry says comes late, to a process that gets no time later still. */
  private void told(Runnable action) {
    soon(() -> hear(action));
  }

  private void hear(Runnable action) {
    if (world.now() < stalledUntil) {
      world.after(stalledUntil - world.now(), () -> hear(action));
    } else if (!isDeaf()) {
      action.run();
    }
  }

  void hears(NodeId node, String session, Optional<SessionRecord> record) {
    told(() -> remoteCounts.put(node, session, record.orElse(null)));
  }

  /** A node has joined, or drains. */
  void hearsOfChange() {
    told(this::look);
  }

  void hearsOfLeaving(NodeId node) {
    told(() -> membership.left(node));
  }

  @Override
  public void join(InetSocketAddress advertised) {
    address = advertised;
    registry.joined(this);
    beat();
  }

  @Override
  public void draining() {
    draining = true;
    if (!isDeaf()) {
      registry.beat(member(), own);
      registry.announced(this);
    }
  }

  @Override
  public void close() {
    boolean heard = !isDeaf();
    over = true;
    if (heard) {
      registry.left(id);
    }
  }

  @Override
  public Peers peers() {
    return this;
  }

  @Override
  public Nodes nodes() {
    return membership;
  }

  @Override
  public Sessions sessions() {
    return this;
  }

  @Override
  public HandoffLocations handoffLocations() {
    return this;
  }

  @Override
  public SharedRateLimit rateLimit() {
    return this;
  }

  @Override
  public Commands commands() {
    return this;
  }

  @Override
  public NodeId self() {
    return id;
  }

  @Override
  public Incarnation incarnation() {
    return new Incarnation(id, incarnation);
  }

  @Override
  public Optional<Member> find(NodeId node) {
    world.injector().at(Injector.Place.FIND_NODE);
    return node.equals(id) ? Optional.empty() : membership.find(node);
  }

  @Override
  public Optional<Keyring> keys() {
    return Optional.of(KEYS);
  }

  @Override
  public Entry open() {
    world.injector().at(Injector.Place.OPEN_RECORD);
    return new SessionEntry(Long.toString(number++));
  }

  /** What its node asks of it may throw. */
  Fault fault() {
    return fault;
  }

  private void put(String session, @Nullable SessionRecord record) {
    if (record == null) {
      own.remove(session);
    } else {
      own.put(session, record);
    }
    if (!isDeaf()) {
      registry.publish(this, session, Optional.ofNullable(record));
    }
  }

  @Override
  public Map<NodeId, Collection<SessionRecord>> all() {
    Map<NodeId, Collection<SessionRecord>> all = remoteCounts.all();
    all.put(id, List.copyOf(own.values()));
    return all;
  }

  @Override
  public RemoteSessions remoteSessions() {
    return remoteCounts;
  }

  @Override
  public void moved(String pid, NodeId to) {
    world.injector().at(Injector.Place.SWITCHED_OVER);
    fault.count();
    String hash = PidHash.of(pid);
    if (isDeaf()) {
      unwritten.put(hash, to);
    } else {
      soon(() -> registry.moved(hash, to));
    }
  }

  @Override
  public void find(String pid, Consumer<SessionLocation> answer) {
    world.injector().at(Injector.Place.FIND_SESSION);
    fault.count();
    if (isDeaf()) {
      Duration silence = Duration.ofNanos(world.now() - deafSince);
      world.after(TIMEOUT, () -> answer.accept(new SessionLocation.Unknown(silence)));
    } else {
      soon(() -> answer.accept(SessionLocation.of(registry.whereIs(PidHash.of(pid)))));
    }
  }

  @Override
  public void take(String name, Rate rate, int wanted, Consumer<Optional<Grant>> answer) {
    world.injector().at(Injector.Place.TAKE_TURN);
    fault.count();
    if (isDeaf()) {
      soon(() -> answer.accept(Optional.empty()));
    } else {
      soon(() -> answer.accept(Optional.of(registry.take(name, rate, wanted))));
    }
  }

  @Override
  public void send(NodeId to, Command command) {}

  @Override
  public void sendAll(Command command) {}

  @Override
  public void onCommand(Consumer<Command> listener) {}

  private final class SessionEntry implements Entry {
    private final String key;

    SessionEntry(String key) {
      this.key = key;
    }

    @Override
    public void is(SessionRecord session) {
      fault.count();
      world.injector().at(Injector.Place.WRITE_RECORD);
      put(key, session);
    }

    @Override
    public void close() {
      put(key, null);
      world.injector().at(Injector.Place.CLOSE_RECORD);
    }
  }
}
