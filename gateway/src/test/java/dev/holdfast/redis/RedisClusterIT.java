package dev.holdfast.redis;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.ClusterContract;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class RedisClusterIT extends ClusterContract {
  private static RedisProcess redis;

  @BeforeAll
  static void startRedis() throws Exception {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void beginWithNothing() {
    redis.command("FLUSHALL");
  }

  @Override
  protected Cluster create(NodeId id) throws IOException {
    Settings settings = Settings.of(Map.of("redis.url", redis.url(), "node.beat", "500ms"));
    return RedisCluster.start(settings, id, new RedisMetrics(new Metrics().registry()));
  }
}
