package dev.holdfast.simulation;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.cluster.TokenBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What Redis keeps for all nodes, and what it tells them of each other. */
final class Registry {
  /** A node that has not been heard of for so long is gone. */
  private static final long EXPIRY = Duration.ofSeconds(6).toNanos();

  private record Stored(Member member, Map<String, SessionRecord> sessions, long expires) {}

  private final World world;
  private final Map<NodeId, Stored> nodes = new LinkedHashMap<>();
  private final Map<String, NodeId> moves = new HashMap<>();
  private final Map<String, TokenBucket> budgets = new HashMap<>();
  private final List<RegistryClient> clients = new ArrayList<>();

  Registry(World world) {
    this.world = world;
  }

  World world() {
    return world;
  }

  void joined(RegistryClient client) {
    clients.add(client);
  }

  /** A node says that it is there. */
  void beat(Member member, Map<String, SessionRecord> sessions) {
    nodes.put(member.id(), new Stored(member, Map.copyOf(sessions), world.now() + EXPIRY));
  }

  /** The others look at once what has changed with this node. */
  void announced(RegistryClient node) {
    clients.stream().filter(each -> !each.equals(node)).forEach(RegistryClient::hearsOfChange);
  }

  /** A node leaves. */
  void left(NodeId node) {
    nodes.remove(node);
    clients.removeIf(client -> client.self().equals(node));
    clients.forEach(client -> client.hearsOfLeaving(node));
  }

  List<Member> members() {
    nodes.values().removeIf(stored -> stored.expires() < world.now());
    return nodes.values().stream().map(Stored::member).toList();
  }

  Map<String, SessionRecord> sessionsOf(NodeId node) {
    Stored stored = nodes.get(node);
    return stored == null ? Map.of() : stored.sessions();
  }

  /** A session of a node has changed. */
  void publish(RegistryClient from, String id, Optional<SessionRecord> session) {
    clients.stream()
        .filter(client -> !client.equals(from))
        .forEach(client -> client.hears(from.self(), id, session));
  }

  void moved(String pid, NodeId to) {
    moves.put(pid, to);
  }

  Optional<NodeId> whereIs(String pid) {
    return Optional.ofNullable(moves.get(pid));
  }

  SharedRateLimit.Grant take(String name, SharedRateLimit.Rate rate, int wanted) {
    TokenBucket bucket =
        budgets.computeIfAbsent(name, key -> new TokenBucket(rate.perSecond(), world.now()));
    int taken = 0;
    while (taken < wanted && bucket.take(world.now())) {
      taken++;
    }
    return new SharedRateLimit.Grant(taken, Duration.ofNanos(bucket.untilNext(world.now())));
  }

  /** Sessions that are still registered. */
  int sessions() {
    return members().stream().mapToInt(member -> sessionsOf(member.id()).size()).sum();
  }
}
