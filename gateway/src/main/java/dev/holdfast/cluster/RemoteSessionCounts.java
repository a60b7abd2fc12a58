package dev.holdfast.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the sessions of other nodes by user and by address. Queries come from any thread; a change
 * holds a lock while it counts. Thread-safe.
 */
public final class RemoteSessionCounts implements RemoteSessions {
  private final Map<NodeId, Map<String, SessionRecord>> nodes = new HashMap<>();
  private final ConcurrentHashMap<String, Map<String, Integer>> byUser = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> byAddress = new ConcurrentHashMap<>();

  /** Sets the state of a session; null removes it. */
  public synchronized void put(NodeId node, String id, @Nullable SessionRecord session) {
    Map<String, SessionRecord> all = nodes.computeIfAbsent(node, key -> new HashMap<>());
    SessionRecord old = session == null ? all.remove(id) : all.put(id, session);
    if (old != null) {
      count(old, -1);
    }
    if (session != null) {
      count(session, 1);
    }
  }

  /** Replaces all sessions of a node. */
  public synchronized void replace(NodeId node, Map<String, SessionRecord> sessions) {
    forget(node);
    nodes.put(node, new HashMap<>(sessions));
    sessions.values().forEach(session -> count(session, 1));
  }

  /** Removes a node and its sessions. */
  public synchronized void forget(NodeId node) {
    Map<String, SessionRecord> gone = nodes.remove(node);
    if (gone != null) {
      gone.values().forEach(session -> count(session, -1));
    }
  }

  /** Returns a copy of all sessions of all other nodes. */
  public synchronized Map<NodeId, Collection<SessionRecord>> all() {
    Map<NodeId, Collection<SessionRecord>> copy = new HashMap<>();
    nodes.forEach((node, sessions) -> copy.put(node, List.copyOf(sessions.values())));
    return copy;
  }

  private void count(SessionRecord session, int by) {
    if (!session.user().isEmpty()) {
      byUser.compute(session.user(), (user, old) -> sum(old, session.upstream(), by));
    }
    if (session.state() == SessionRecord.State.LIVE && !session.throughNode()) {
      byAddress.compute(session.address(), (address, old) -> sum(old, by));
    }
  }

  private static @Nullable Map<String, Integer> sum(
      @Nullable Map<String, Integer> old, String upstream, int by) {
    Map<String, Integer> counts = old == null ? new HashMap<>(2) : new HashMap<>(old);
    counts.compute(upstream, (name, count) -> sum(count, by));
    return counts.isEmpty() ? null : Map.copyOf(counts);
  }

  private static @Nullable Integer sum(@Nullable Integer old, int by) {
    int sum = (old == null ? 0 : old) + by;
    return sum == 0 ? null : sum;
  }

  @Override
  public Map<String, Integer> upstreamsOf(String user) {
    return byUser.getOrDefault(user, Map.of());
  }

  @Override
  public int clientsAt(String address) {
    return byAddress.getOrDefault(address, 0);
  }
}
