package dev.holdfast.cluster;

import dev.holdfast.time.SteadyClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An in-process cluster, usually of a single node. Handoffs are kept until their node leaves.
 * Thread-safe.
 */
public final class LocalCluster {
  private static final int KEY_BYTES = 32;

  private final Map<NodeId, LocalNode> nodes = new ConcurrentHashMap<>();
  private final Map<String, NodeId> handoffs = new ConcurrentHashMap<>();
  private final Map<String, TokenBucket> budgets = new ConcurrentHashMap<>();
  private final Keyring keys;

  /** Creates a cluster without nodes. */
  public LocalCluster() {
    byte[] secret = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(secret);
    keys = Keyring.of(List.of(Base64.getEncoder().encodeToString(secret)));
  }

  /** Creates a cluster of a single node. */
  public static Cluster alone(NodeId id) {
    return new LocalCluster().node(id);
  }

  /** Creates a node that has not joined yet. */
  public Cluster node(NodeId id) {
    return new LocalNode(this, id);
  }

  Keyring keys() {
    return keys;
  }

  Collection<LocalNode> nodes() {
    return nodes.values();
  }

  Optional<LocalNode> find(NodeId id) {
    return Optional.ofNullable(nodes.get(id));
  }

  /** Applies one change at a time, so that all nodes see changes in the same order. */
  synchronized void changed(LocalNode node, boolean there) {
    if (there) {
      nodes.put(node.peers().self(), node);
    } else {
      nodes.remove(node.peers().self(), node);
      handoffs.values().removeIf(node.peers().self()::equals);
    }
    var members = nodes.values().stream().map(LocalNode::member).toList();
    nodes.values().forEach(each -> each.update(members));
  }

  void moved(String pid, NodeId to) {
    handoffs.put(pid, to);
  }

  Optional<NodeId> whereIs(String pid) {
    return Optional.ofNullable(handoffs.get(pid));
  }

  SharedRateLimit.Grant take(String name, SharedRateLimit.Rate rate, int wanted) {
    long now = SteadyClock.nanoTime();
    TokenBucket bucket = budgets.computeIfAbsent(name, key -> new TokenBucket(rate, now));
    synchronized (bucket) {
      int taken = 0;
      while (taken < wanted && bucket.take(now)) {
        taken++;
      }
      return new SharedRateLimit.Grant(taken, Duration.ofNanos(bucket.untilNext(now)));
    }
  }
}
