package dev.holdfast.sessions;

import dev.holdfast.cluster.RemoteSessions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tracks which upstreams a user's sessions are on, so that the user's HTTP requests can follow
 * them. Holds one entry for each session of this node whose user is known. Thread-safe.
 */
public final class UserUpstreams {
  private final ConcurrentHashMap<String, Map<String, Integer>> sessions =
      new ConcurrentHashMap<>();
  private final RemoteSessions remoteSessions;

  /** Creates an instance that includes the sessions of other nodes. */
  public UserUpstreams(RemoteSessions remoteSessions) {
    this.remoteSessions = remoteSessions;
  }

  /** Records a session of the user on this upstream. */
  public void joined(String user, String upstream) {
    sessions.compute(
        user,
        (key, old) -> {
          Map<String, Integer> counts =
              old == null ? new ConcurrentHashMap<>(2) : new ConcurrentHashMap<>(old);
          counts.merge(upstream, 1, Integer::sum);
          return counts;
        });
  }

  /** Removes a session that {@link #joined} added. */
  public void left(String user, String upstream) {
    sessions.computeIfPresent(
        user,
        (key, old) -> {
          Map<String, Integer> counts = new ConcurrentHashMap<>(old);
          counts.computeIfPresent(upstream, (name, count) -> count == 1 ? null : count - 1);
          return counts.isEmpty() ? null : counts;
        });
  }

  /** Returns the number of the user's sessions on all nodes. */
  public int sessionsOf(String user) {
    return all(user).values().stream().mapToInt(Integer::intValue).sum();
  }

  private Map<String, Integer> all(String user) {
    Map<String, Integer> counts = new HashMap<>(remoteSessions.upstreamsOf(user));
    sessions
        .getOrDefault(user, Map.of())
        .forEach((name, count) -> counts.merge(name, count, Integer::sum));
    return counts;
  }

  /** Returns the upstream with most of the user's sessions; the same on all nodes. */
  public Optional<String> upstreamOf(String user) {
    return all(user).entrySet().stream()
        .max(
            Map.Entry.<String, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
        .map(Map.Entry::getKey);
  }
}
