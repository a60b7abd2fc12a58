package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Validity;
import dev.holdfast.metrics.RedisMetrics;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports nodes whose clock differs from this node's by more than signatures tolerate. Confined to
 * the writer.
 */
final class Clocks {
  private static final Logger LOG = LoggerFactory.getLogger(Clocks.class);

  private final RedisMetrics metrics;
  private final Set<NodeId> wrong = new HashSet<>();

  Clocks(RedisMetrics metrics) {
    this.metrics = metrics;
  }

  /** Receives how many milliseconds the clock of each registered node is ahead. */
  void seen(Map<NodeId, Long> ahead) {
    long most = ahead.values().stream().mapToLong(Math::abs).max().orElse(0);
    metrics.clockDifference(Duration.ofMillis(most));
    wrong.retainAll(ahead.keySet());
    ahead.forEach(this::seen);
  }

  private void seen(NodeId node, long ahead) {
    if (Math.abs(ahead) <= Validity.CLOCKS.toMillis()) {
      if (wrong.remove(node)) {
        LOG.info("the clock of node {} is within tolerance again", node);
      }
    } else if (wrong.add(node)) {
      LOG.warn(
          "the clock of node {} is {} s {} this node's, more than the tolerated {} s:"
              + " the nodes reject each other until both are synchronized by NTP",
          node,
          Math.abs(ahead) / 1000,
          ahead > 0 ? "ahead of" : "behind",
          Validity.CLOCKS.toSeconds());
    }
  }
}
