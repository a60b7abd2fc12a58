package dev.holdfast.cluster;

import dev.holdfast.time.ErrorBoundary;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node of a {@link LocalCluster}. Thread-safe. */
final class LocalNode
    implements Cluster, Peers, Sessions, HandoffLocations, SharedRateLimit, Commands {
  private final LocalCluster cluster;
  private final NodeId id;
  private final ErrorBoundary boundary =
      ErrorBoundary.lasting("membership of an in-process cluster", () -> {});
  private final Membership membership = new Membership(boundary);
  private final RemoteSessionCounts remoteCounts = new RemoteSessionCounts();
  private final Map<String, SessionRecord> own = new ConcurrentHashMap<>();
  private final List<Consumer<Command>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong number = new AtomicLong();
  private volatile InetSocketAddress address = InetSocketAddress.createUnresolved("localhost", 0);
  private volatile boolean draining;

  LocalNode(LocalCluster cluster, NodeId id) {
    this.cluster = cluster;
    this.id = id;
    membership.onChange(
        new Nodes.Listener() {
          @Override
          public void joined(Member node) {
            cluster
                .find(node.id())
                .filter(LocalNode.this::isOther)
                .ifPresent(it -> it.tell(remoteCounts));
          }

          @Override
          public void left(Member node) {
            remoteCounts.forget(node.id());
          }
        });
  }

  private boolean isOther(LocalNode node) {
    return !node.equals(this);
  }

  private void tell(RemoteSessionCounts other) {
    other.replace(id, own);
  }

  Member member() {
    return new Member(id, incarnation().start(), address, "", draining, own.size());
  }

  @Override
  public Incarnation incarnation() {
    return new Incarnation(id, Integer.toHexString(System.identityHashCode(this)));
  }

  void update(List<Member> members) {
    List<NodeId> there = members.stream().map(Member::id).toList();
    membership.all().stream()
        .map(Member::id)
        .filter(it -> !there.contains(it))
        .forEach(membership::left);
    membership.seen(members);
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
  public void join(InetSocketAddress advertised) {
    address = advertised;
    cluster.changed(this, true);
  }

  @Override
  public void draining() {
    draining = true;
    cluster.changed(this, true);
  }

  @Override
  public void close() {
    cluster.changed(this, false);
  }

  @Override
  public NodeId self() {
    return id;
  }

  @Override
  public Optional<Member> find(NodeId node) {
    return node.equals(id) ? Optional.empty() : membership.find(node);
  }

  @Override
  public Optional<Keyring> keys() {
    return Optional.of(cluster.keys());
  }

  @Override
  public Entry open() {
    return new LocalEntry();
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

  private void put(String session, @Nullable SessionRecord record) {
    if (record == null) {
      own.remove(session);
    } else {
      own.put(session, record);
    }
    cluster.nodes().stream()
        .filter(this::isOther)
        .forEach(node -> node.remoteCounts.put(id, session, record));
  }

  @Override
  public void moved(String pid, NodeId to) {
    cluster.moved(PidHash.of(pid), to);
  }

  @Override
  public void find(String pid, Consumer<SessionLocation> answer) {
    answer.accept(SessionLocation.of(cluster.whereIs(PidHash.of(pid))));
  }

  @Override
  public void take(String name, Rate rate, int wanted, Consumer<Optional<Grant>> answer) {
    answer.accept(Optional.of(cluster.take(name, rate, wanted)));
  }

  @Override
  public void send(NodeId to, Command command) {
    cluster.find(to).ifPresent(node -> node.listeners.forEach(it -> it.accept(command)));
  }

  @Override
  public void sendAll(Command command) {
    cluster.nodes().forEach(node -> node.listeners.forEach(it -> it.accept(command)));
  }

  @Override
  public void onCommand(Consumer<Command> listener) {
    listeners.add(listener);
  }

  private final class LocalEntry implements Entry {
    private final String key = Long.toString(number.incrementAndGet());

    @Override
    public void is(SessionRecord session) {
      put(key, session);
    }

    @Override
    public void close() {
      put(key, null);
    }
  }
}
