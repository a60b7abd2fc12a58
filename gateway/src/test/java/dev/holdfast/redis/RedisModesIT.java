package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.tls.PemPair;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which Redis is deployed. */
class RedisModesIT {
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private RedisProcess redis(String... options) throws Exception {
    RedisProcess redis = RedisProcess.start(options);
    open.add(redis);
    return redis;
  }

  private RedisCluster node(String name, Map<String, String> settings) throws IOException {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("redis.command-timeout", "500ms");
    all.put("node.beat", "200ms");
    RedisCluster node =
        RedisCluster.start(
            Settings.of(all), new NodeId(name), new RedisMetrics(new Metrics().registry()));
    open.add(node);
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", 1000));
    return node;
  }

  private void nodesFindEachOther(Map<String, String> settings) throws Exception {
    RedisCluster a = node("a", settings);
    RedisCluster b = node("b", settings);
    Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
    Awaiting.until(() -> knows(a, "b") && knows(b, "a"));
  }

  /** The commands that {@code docs/operations.md} says an ACL user needs. */
  private static String documentedRights() throws IOException {
    return Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
        .filter(line -> line.startsWith("+hello "))
        .findFirst()
        .orElseThrow();
  }

  private static boolean knows(RedisCluster node, String other) {
    return node.peers().find(new NodeId(other)).isPresent();
  }

  @Test
  void tlsWithClientCertificateAclUserAndDatabase(@TempDir Path folder) throws Exception {
    PemPair pair = PemPair.create(folder, "redis", "EC", "localhost");
    String certificate = pair.certificate().toString();
    String key = pair.key().toString();
    RedisProcess redis =
        redis(
            "--tls-port",
            "0",
            "--tls-cert-file",
            certificate,
            "--tls-key-file",
            key,
            "--tls-ca-cert-file",
            certificate);
    int port = RedisProcess.freePort();
    redis.command("CONFIG", "SET", "tls-port", Integer.toString(port));
    List<String> rules =
        new ArrayList<>(List.of("SETUSER", "gate", "on", ">pass/word", "~{mine}:*", "&{mine}:*"));
    rules.addAll(List.of(documentedRights().split(" ")));
    redis.command("ACL", rules.toArray(String[]::new));

    nodesFindEachOther(
        Map.of(
            "redis.url", "rediss://gate:pass%2Fword@localhost:" + port + "/3",
            "redis.prefix", "mine",
            "redis.ca-file", certificate,
            "redis.certificate-file", certificate,
            "redis.key-file", key));

    try (var jedis = redis.jedis()) {
      jedis.select(3);
      assertThat(jedis.keys("*")).allMatch(name -> name.startsWith("{mine}:"));
    }
  }

  @Test
  void cluster(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("nodes.conf");
    RedisProcess redis =
        redis("--cluster-enabled", "yes", "--cluster-config-file", file.toString());
    redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    try (var jedis = redis.jedis()) {
      Awaiting.until(() -> jedis.clusterInfo().contains("cluster_state:ok"));
    }

    nodesFindEachOther(Map.of("redis.url", redis.url(), "redis.cluster", "true"));
  }

  @Test
  void sentinelThatNamesAnotherMaster(@TempDir Path folder) throws Exception {
    RedisProcess master = redis();
    RedisProcess replica = redis("--replicaof", "127.0.0.1 " + master.port());
    Path file =
        Files.writeString(
            folder.resolve("sentinel.conf"),
            "sentinel monitor main 127.0.0.1 %d 1\nsentinel down-after-milliseconds main 500\n"
                    .formatted(master.port())
                + "sentinel failover-timeout main 1000\n");
    RedisProcess sentinel = RedisProcess.sentinel(file);
    open.add(sentinel);
    try (var jedis = sentinel.jedis()) {
      Awaiting.until(() -> !jedis.sentinelReplicas("main").isEmpty());
    }
    Map<String, String> settings =
        Map.of(
            "redis.url", "redis://main",
            "redis.sentinel-hosts", "127.0.0.1",
            "redis.sentinel-port", Integer.toString(sentinel.port()));
    RedisCluster a = node("a", settings);
    RedisCluster b = node("b", settings);
    Awaiting.until(() -> knows(a, "b") && knows(b, "a"));
    Awaiting.until(() -> a.problem().isEmpty());

    master.kill();

    Awaiting.until(() -> a.problem().isPresent());
    Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
    assertThat(knows(a, "b") && knows(b, "a")).isTrue();
    try (var jedis = replica.jedis()) {
      Awaiting.until(() -> jedis.exists("{holdfast}:node:a") && jedis.exists("{holdfast}:node:b"));
    }
  }
}
