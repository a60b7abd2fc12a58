package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.HandoffLocations;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.cluster.Signed;
import dev.holdfast.time.WallClock;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Nodes that know each other, each in front of an upstream of its own. */
final class TestCluster implements Closeable {
  private static final Keyring KEYS = Keyring.of(List.of("the key of all nodes"));

  private static final String STARTED = "first";

  private final LocalCluster cluster = new LocalCluster();
  private final Map<NodeId, InetSocketAddress> registered = new ConcurrentHashMap<>();
  private final List<TestNode> nodes = new ArrayList<>();
  private volatile @Nullable Duration silence;
  private volatile boolean empty;

  /** Nodes {@code a}, {@code b} and so on, with these settings besides the ports. */
  static TestCluster of(int count, String... keysAndValues) throws Exception {
    TestCluster cluster = new TestCluster();
    for (int i = 0; i < count; i++) {
      cluster.add(keysAndValues);
    }
    return cluster;
  }

  private static String name(int index) {
    return String.valueOf((char) ('a' + index));
  }

  /** Another node, with these settings besides the ports. */
  void add(String... keysAndValues) throws Exception {
    String name = name(nodes.size());
    Cluster real = cluster.node(new NodeId(name));
    TestMember member =
        new TestMember(
            real, nodes(real.nodes()), peers(name), handoffLocations(real.handoffLocations()));
    TestNode node = TestNode.among(member, keysAndValues);
    nodes.add(node);
    register(name, node.gateway().address());
  }

  /** From now on the others look for this node there. */
  void register(String name, InetSocketAddress where) {
    registered.put(
        new NodeId(name),
        InetSocketAddress.createUnresolved(where.getAddress().getHostAddress(), where.getPort()));
  }

  /** The others do not know it any more. */
  void forget(String name) {
    registered.remove(new NodeId(name));
  }

  /** Makes the registry silent about moved sessions, as if it had been for this long. */
  void forgetMoves(Duration already) {
    silence = already;
  }

  /** From now on the registry says that there are no nodes. */
  void forgetNodes() {
    empty = true;
  }

  private Nodes nodes(Nodes real) {
    return new Nodes() {
      @Override
      public List<Member> all() {
        return empty ? List.of() : real.all();
      }

      @Override
      public void onChange(Listener listener) {
        real.onChange(listener);
      }
    };
  }

  private HandoffLocations handoffLocations(HandoffLocations real) {
    return new HandoffLocations() {
      @Override
      public void moved(String pid, NodeId to) {
        real.moved(pid, to);
      }

      @Override
      public void find(String pid, Consumer<SessionLocation> answer) {
        Duration already = silence;
        if (already == null) {
          real.find(pid, answer);
        } else {
          answer.accept(new SessionLocation.Unknown(already));
        }
      }
    };
  }

  /** What a node of this name knows of the others. */
  Peers peers(String name) {
    NodeId self = new NodeId(name);
    return new Peers() {
      @Override
      public NodeId self() {
        return self;
      }

      @Override
      public Incarnation incarnation() {
        return new Incarnation(self, STARTED);
      }

      @Override
      public Optional<Member> find(NodeId node) {
        return Optional.ofNullable(registered.get(node))
            .map(address -> new Member(node, STARTED, address, "", false, 0));
      }

      @Override
      public Optional<Keyring> keys() {
        return Optional.of(KEYS);
      }
    };
  }

  /** How a node of this name signs requests. */
  NodeTrust trust(String name) {
    Peers peers = peers(name);
    return new NodeTrust(
        Signed.REQUEST,
        peers.incarnation(),
        peers::keys,
        new RejectionLog((kind, reason) -> {}, () -> 0),
        WallClock::millis);
  }

  /** The node of this name, to sign for. */
  Incarnation start(String name) {
    return peers(name).incarnation();
  }

  TestNode node(int index) {
    return nodes.get(index);
  }

  int size() {
    return nodes.size();
  }

  @Override
  public void close() {
    nodes.forEach(TestNode::close);
  }
}
