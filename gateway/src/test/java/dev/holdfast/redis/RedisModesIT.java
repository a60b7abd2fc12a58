package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.FreePort;
import dev.holdfast.LogLines;
import dev.holdfast.cluster.Command;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    int port = FreePort.find();
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

  /** As when a failover reaches the writer and not the subscriber: both servers go on answering. */
  @Test
  void nodeThatDoesNotHearItsOwnBeatSaysSoAndListensWhereItWrites(@TempDir Path folder)
      throws Exception {
    RedisProcess before = redis();
    RedisProcess after = redis();
    Path file =
        Files.writeString(
            folder.resolve("sentinel.conf"),
            "sentinel monitor main 127.0.0.1 %d 1\n".formatted(before.port()));
    RedisProcess sentinel = RedisProcess.sentinel(file);
    open.add(sentinel);
    Map<String, String> settings =
        Map.of(
            "redis.url", "redis://main",
            "redis.sentinel-hosts", "127.0.0.1",
            "redis.sentinel-port", Integer.toString(sentinel.port()));
    RedisCluster a = node("a", settings);
    RedisCluster b = node("b", settings);
    Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
    List<Command> heard = new CopyOnWriteArrayList<>();
    a.commands().onCommand(heard::add);
    try (LogLines log = new LogLines()) {
      sentinel.command("SENTINEL", "REMOVE", "main");
      sentinel.command("SENTINEL", "MONITOR", "main", "127.0.0.1", "" + after.port(), "1");
      before.command("CLIENT", "KILL", "TYPE", "normal");

      Awaiting.until(
          () ->
              log.lines().stream()
                      .filter(line -> line.contains("degraded, stale-subscription"))
                      .count()
                  >= 2);
      Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
    }
    Command command = new Command.KickUser("u1");
    b.commands().send(new NodeId("a"), command);
    Awaiting.until(() -> heard.contains(command));
    try (var jedis = after.jedis()) {
      assertThat(jedis.exists("{holdfast}:node:a", "{holdfast}:node:b")).isEqualTo(2);
    }
  }

  /**
   * Redis-py sends the credentials of the URL to both, and Redis takes a password where it has
   * none.
   */
  @ParameterizedTest
  @CsvSource({
    "redis://main, '', '', true",
    "redis://:pw@main, pw, pw, true",
    "redis://:pw@main, '', pw, true",
    "redis://:pw@main, '', '', true",
    "redis://:pw@main, pw, '', true",
    "redis://main, pw, '', false",
    "redis://:no@main, pw, '', false",
  })
  void credentialsOfTheUrlAreForTheSentinelsToo(
      String url, String ofSentinel, String ofMaster, boolean connects, @TempDir Path folder)
      throws Exception {
    RedisProcess master = redis("--requirepass", ofMaster);
    String monitor = "sentinel monitor main 127.0.0.1 %d 1\n".formatted(master.port());
    String auth = ofMaster.isEmpty() ? "" : "sentinel auth-pass main " + ofMaster + "\n";
    String own = ofSentinel.isEmpty() ? "" : "requirepass " + ofSentinel + "\n";
    RedisProcess sentinel =
        RedisProcess.sentinel(
            Files.writeString(folder.resolve("sentinel.conf"), monitor + auth + own));
    open.add(sentinel);

    RedisCluster node =
        node(
            "a",
            Map.of(
                "redis.url",
                url,
                "redis.sentinel-hosts",
                "127.0.0.1",
                "redis.sentinel-port",
                Integer.toString(sentinel.port())));

    Awaiting.until(
        () ->
            connects
                ? node.problem().isEmpty()
                : node.problem().filter(it -> !it.equals("not connected yet")).isPresent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?ssl_cert_reqs=none",
        "?ssl_check_hostname=false&ssl_ca_certs=",
        "?ssl_ca_certs="
      })
  void queryOfTheUrlSaysWhomToTrust(String query, @TempDir Path folder) throws Exception {
    PemPair pair = PemPair.create(folder, "redis", "EC", "localhost");
    RedisProcess redis =
        redis(
            "--tls-cert-file", pair.certificate().toString(),
            "--tls-key-file", pair.key().toString(),
            "--tls-ca-cert-file", pair.certificate().toString(),
            "--tls-auth-clients", "no");
    int port = FreePort.find();
    redis.command("CONFIG", "SET", "tls-port", Integer.toString(port));
    String whole = query.endsWith("=") ? query + pair.certificate() : query;
    String other =
        query.contains("check_hostname") || query.contains("none") ? "127.0.0.1" : "localhost";

    RedisCluster node = node("a", Map.of("redis.url", "rediss://" + other + ":" + port + whole));

    Awaiting.until(() -> node.problem().isEmpty());
  }
}
