package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.config.Settings;
import dev.holdfast.redis.Observer;
import dev.holdfast.redis.RedisProcess;
import dev.holdfast.time.Awaiting;
import dev.holdfast.upstream.Finding;
import dev.holdfast.upstream.NodeCheck;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Whole nodes on a real Redis. */
final class RedisIT {
  private static final String OPEN = "EIO=4&transport=websocket";
  private static final String SESSIONS = "{holdfast}:sessions:a";

  private final LogLines log = new LogLines();
  private RedisProcess redis;

  @BeforeEach
  void startRedis() throws Exception {
    redis = RedisProcess.start();
  }

  @AfterEach
  void stop() {
    log.close();
    redis.close();
  }

  private TestNode node(String... more) throws Exception {
    redis.command("CONFIG", "SET", "requirepass", "opensesame");
    return another("a", more);
  }

  private TestNode another(String id, String... more) throws Exception {
    List<String> all = new ArrayList<>(List.of("redis.url", url(), "node.id", id));
    all.addAll(List.of(more));
    return TestNode.with(all.toArray(String[]::new));
  }

  private String url() {
    return "redis://:opensesame@127.0.0.1:" + redis.port();
  }

  private Jedis operator() {
    Jedis jedis = redis.jedis();
    jedis.auth("opensesame");
    return jedis;
  }

  /** A session of a user, by a token that nobody verifies. */
  private static WebSocket connect(TestNode node, TestClient client) throws Exception {
    WebSocket socket = node.webSocket(OPEN, client);
    assertThat(client.text()).startsWith("0{");
    String token = encoded("{\"alg\":\"HS256\"}") + "." + encoded("{\"id\":\"u1\"}") + ".AA";
    socket.sendText("40{\"token\":\"" + token + "\"}", true).join();
    assertThat(client.text()).startsWith("40{\"sid\":");
    return socket;
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static void echo(WebSocket socket, TestClient client, int events) throws Exception {
    for (int i = 0; i < events; i++) {
      socket.sendText("42[\"e\"," + i + "]", true).join();
      String text = client.text();
      while (!text.startsWith("42[\"e\"," + i)) {
        text = client.text();
      }
    }
  }

  private static Map<String, Long> calls(Jedis jedis) {
    return jedis
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_"))
        .filter(line -> !line.startsWith("cmdstat_info") && !line.startsWith("cmdstat_ping"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> Long.parseLong(line.replaceFirst(".*?calls=(\\d+).*", "$1"))));
  }

  @Test
  void sessionIsRegisteredWhileItLives() throws Exception {
    try (TestNode node = node("node.beat", "1m");
        Jedis jedis = operator()) {
      TestClient client = new TestClient();
      WebSocket socket = connect(node, client);

      Awaiting.until(
          () ->
              jedis.hvals(SESSIONS).stream()
                  .anyMatch(it -> it.matches("sid=[^&]+&user=u1&upstream=.*")));
      assertThat(jedis.hvals(SESSIONS)).anyMatch(it -> it.contains("&state=live "));
      socket.abort();
      Awaiting.until(() -> jedis.hvals(SESSIONS).stream().anyMatch(it -> it.contains("=parked ")));
    }
    try (Jedis jedis = operator()) {
      assertThat(jedis.exists(SESSIONS)).isFalse();
    }
  }

  @Test
  void nodeThatCannotBeReachedIsNamedByLogReadinessAndCheck() throws Exception {
    try (TestNode node = node();
        TestNode other = another("b", "node.advertise", "127.0.0.1:1")) {
      String named = "node b cannot be reached at 127.0.0.1:1 (";
      log.await(named);

      assertThat(node.admin("/readyz").statusCode()).isEqualTo(200);
      assertThat(node.admin("/readyz").body()).contains("\"nodes\":\"" + named);
      node.awaitMetric("holdfast_nodes_unreached 1.0");
      assertThat(other.admin("/readyz").body()).doesNotContain("cannot be reached");
      Settings settings = Settings.of(Map.of("redis.url", url()));
      try (Observer observer = Observer.of(settings)) {
        assertThat(NodeCheck.run(observer.nodes(), settings))
            .extracting(Finding::name, Finding::ok)
            .containsExactly(tuple("a", true), tuple("b", false));
      }
    }
  }

  @Test
  void noCommandIsSentForAnEvent() throws Exception {
    try (TestNode node = node("node.beat", "1m");
        Jedis jedis = operator()) {
      TestClient client = new TestClient();
      WebSocket socket = connect(node, client);
      Awaiting.until(() -> jedis.hvals(SESSIONS).stream().anyMatch(it -> it.contains("=live ")));
      Map<String, Long> before = calls(jedis);

      echo(socket, client, 300);

      assertThat(calls(jedis)).isEqualTo(before);
    }
  }

  @Test
  void whileRedisFailsOnlyTheBeatIsTriedAgain() throws Exception {
    try (TestNode node = node("node.beat", "200ms");
        Jedis jedis = operator()) {
      connect(node, new TestClient());
      Awaiting.until(() -> jedis.hlen(SESSIONS) == 3);
      jedis.replicaof("127.0.0.1", 1);
      node.awaitMetric("holdfast_redis_up 0.0");
      jedis.configResetStat();

      // Each attempt is a beat and its announcement, a script each.
      Awaiting.until(() -> calls(jedis).getOrDefault("cmdstat_publish", 0L) >= 5);

      Map<String, Long> sent = calls(jedis);
      assertThat(sent.getOrDefault("cmdstat_eval", 0L))
          .isPositive()
          .isLessThanOrEqualTo(2 * sent.getOrDefault("cmdstat_publish", 0L) + 1);
    }
  }

  @Test
  void sessionsDoNotNoticeThatRedisGoesAndComesBack() throws Exception {
    try (TestNode node = node("node.beat", "200ms")) {
      log.await("Using Redis to manage websockets. (");
      assertThat(log.lines())
          .anyMatch(it -> it.matches(".*\\((redis|valkey) [0-9.]+, standalone at redis://127.*"));
      TestClient client = new TestClient();
      WebSocket socket = connect(node, client);
      redis.kill();
      node.awaitMetric("holdfast_redis_up 0.0");
      log.await("redis: degraded, unreachable");

      echo(socket, client, 20);
      connect(node, new TestClient());

      assertThat(node.admin("/readyz").statusCode()).isEqualTo(200);
      assertThat(node.admin("/readyz").body()).contains("\"redis\":\"degraded\"");
      redis.startAgain();
      redis.command("CONFIG", "SET", "requirepass", "opensesame");
      node.awaitMetric("holdfast_redis_up 1.0");
      assertThat(node.admin("/readyz").body()).contains("\"redis\":\"ok\"");
      try (Jedis jedis = operator()) {
        Awaiting.until(() -> jedis.hlen(SESSIONS) == 4);
      }
      echo(socket, client, 20);
      assertThat(log.lines()).noneMatch(line -> line.contains("opensesame"));
    }
  }

  @Test
  void nodeThatNeedsRedisIsNotReadyWithout() throws Exception {
    try (TestNode node = node("node.beat", "200ms", "redis.required", "true")) {
      redis.kill();

      Awaiting.until(() -> node.admin("/readyz").statusCode() == 503);

      assertThat(node.admin("/readyz").body()).contains("\"redis\":\"unreachable for ");
    }
  }
}
