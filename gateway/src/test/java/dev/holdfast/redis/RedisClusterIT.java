package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.ClusterContract;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.Awaiting;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;

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

  /** As after Redis' clock has gone back by an hour. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void budgetIsThereAgainSoonAfterTheClockOfRedisHasGoneBack(int burst) throws Exception {
    Cluster a = node("a", 1001);
    SharedRateLimit.Rate rate = new SharedRateLimit.Rate(10, burst);
    Awaiting.until(() -> asked(a, rate, 0).isPresent());
    try (Jedis jedis = redis.jedis()) {
      long now = Long.parseLong(jedis.time().get(0));
      jedis.set("{holdfast}:pace:x:80", (now + 3600) + "000000");
    }

    SharedRateLimit.Grant grant = asked(a, rate, 1).orElseThrow();

    assertThat(grant.tokens()).isZero();
    assertThat(grant.untilNext()).isPositive().isLessThanOrEqualTo(Duration.ofMillis(100));
    Awaiting.until(() -> asked(a, rate, 1).orElseThrow().tokens() == 1);
  }

  private static Optional<SharedRateLimit.Grant> asked(
      Cluster node, SharedRateLimit.Rate rate, int wanted) {
    CompletableFuture<Optional<SharedRateLimit.Grant>> answer = new CompletableFuture<>();
    node.rateLimit().take("x:80", rate, wanted, answer::complete);
    return answer.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  protected Cluster create(NodeId id) throws IOException {
    Settings settings = Settings.of(Map.of("redis.url", redis.url(), "node.beat", "500ms"));
    return RedisCluster.start(settings, id, new RedisMetrics(new Metrics().registry()));
  }
}
