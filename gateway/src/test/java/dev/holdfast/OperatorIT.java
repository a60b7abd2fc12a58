package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.Api;
import dev.holdfast.config.Settings;
import dev.holdfast.redis.Observer;
import dev.holdfast.redis.RedisProcess;
import dev.holdfast.time.Awaiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators see of two nodes and tell them, through one of them or through Redis. */
class OperatorIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String OPEN = "EIO=4&transport=websocket";

  private final EchoUpstream one = new EchoUpstream();
  private final EchoUpstream other = new EchoUpstream();
  private final List<TestNode> nodes = new ArrayList<>();
  private RedisProcess redis;

  @BeforeEach
  void start() throws Exception {
    redis = RedisProcess.start();
    nodes.add(node("a"));
    nodes.add(node("b"));
    Awaiting.until(() -> get("/nodes").path("nodes").size() == 2);
    Awaiting.until(() -> get("/upstreams").toString().split("\"healthy\"", -1).length == 5);
  }

  @AfterEach
  void stop() {
    nodes.forEach(TestNode::close);
    redis.close();
    one.close();
    other.close();
  }

  private TestNode node(String id, String... more) throws Exception {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "node.id",
                id,
                "redis.url",
                "redis://127.0.0.1:" + redis.port(),
                "upstreams",
                one.uri() + "," + other.uri(),
                "switchover.lag",
                "200ms",
                "drain.timeout",
                "5s"));
    settings.addAll(List.of(more));
    return TestNode.with(settings.toArray(String[]::new));
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new AssertionError(answer.body(), e);
    }
  }

  private JsonNode get(String path) {
    return json(nodes.get(0).admin("/api/v1" + path));
  }

  private HttpResponse<String> post(String path) {
    return nodes.get(0).admin("/api/v1" + path, it -> it.POST(HttpRequest.BodyPublishers.noBody()));
  }

  private static TestClient connect(TestNode node, String user) throws Exception {
    TestClient client = new TestClient();
    WebSocket socket = node.webSocket(OPEN, client);
    assertThat(client.text()).startsWith("0{");
    String token =
        encoded("{\"alg\":\"HS256\"}") + "." + encoded("{\"id\":\"" + user + "\"}") + ".AA";
    socket.sendText("40{\"token\":\"" + token + "\"}", true).join();
    assertThat(client.text()).startsWith("40{\"sid\":");
    return client;
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> texts(JsonNode rows, String field) {
    return rows.findValuesAsText(field);
  }

  private void awaitSessions(String query, int count) throws InterruptedException {
    Awaiting.until(() -> get("/sessions" + query).path("total").asInt() == count);
  }

  @Test
  void everyNodeListsTheSessionsOfAll() throws Exception {
    connect(nodes.get(0), "u1");
    connect(nodes.get(1), "u2");
    awaitSessions("", 2);

    assertThat(texts(get("/sessions"), "user")).containsExactlyInAnyOrder("u1", "u2");
    assertThat(texts(get("/sessions?node=b"), "user")).containsExactly("u2");
    assertThat(get("/sessions?user=u1").path("sessions").get(0).path("sid").asText())
        .startsWith("upstream-");
    assertThat(get("/sessions?state=parked").path("total").asInt()).isZero();
    assertThat(get("/sessions?limit=1").path("sessions")).hasSize(1);
    assertThat(texts(get("/nodes"), "sessions")).containsExactly("1", "1");
    assertThat(texts(get("/nodes"), "id")).containsExactly("a", "b");
  }

  @Test
  void sessionOfAnotherNodeIsExplained() throws Exception {
    connect(nodes.get(1), "u1");
    awaitSessions("?user=u1", 1);

    JsonNode why = get("/why?user=u1").path("sessions").get(0);

    assertThat(why.path("node").asText()).isEqualTo("b");
    assertThat(why.path("choice").asText()).isEqualTo("user-hash");
    assertThat(why.path("transport").asText()).isEqualTo("websocket");
    assertThat(why.path("state").asText()).isEqualTo("live");
    assertThat(why.path("secondsLeft").asLong()).isEqualTo(-1);
    assertThat(get("/why?sid=" + why.path("sid").asText()).path("sessions").get(0)).isEqualTo(why);
    assertThat(get("/why?user=nobody").path("error").asText())
        .isEqualTo("user nobody has no session");
  }

  @Test
  void sessionThatWaitsForItsClientIsExplained() throws Exception {
    TestClient client = new TestClient();
    WebSocket socket = nodes.get(1).webSocket(OPEN, client);
    assertThat(client.text()).startsWith("0{");
    socket.sendText("40", true).join();
    assertThat(client.text()).startsWith("40{");
    socket.sendText("42[\"e\"]", true).join();
    assertThat(client.text()).startsWith("42[");
    awaitSessions("", 1);
    socket.abort();
    awaitSessions("?state=parked", 1);

    String sid = texts(get("/sessions"), "sid").get(0);
    JsonNode why = get("/why?sid=" + sid).path("sessions").get(0);

    assertThat(why.path("choice").asText()).isEqualTo("address-hash");
    assertThat(why.path("transport").asText()).isEqualTo("none");
    assertThat(why.path("lastClose").asText()).isEqualTo("client-lost");
    assertThat(why.path("secondsLeft").asLong()).isPositive();
    assertThat(why.path("outboxBytes").asLong()).isPositive();
  }

  @Test
  void kickedClientsAreClosedWherever() throws Exception {
    TestClient first = connect(nodes.get(0), "u1");
    TestClient second = connect(nodes.get(1), "u1");
    connect(nodes.get(1), "u2");
    awaitSessions("", 3);

    assertThat(post("/kick?user=u1").statusCode()).isEqualTo(202);

    assertThat(first.closed()).isEqualTo("1008 kicked");
    assertThat(second.closed()).isEqualTo("1008 kicked");
    awaitSessions("", 1);
    String sid = texts(get("/sessions"), "sid").get(0);
    assertThat(post("/kick?sid=" + sid).statusCode()).isEqualTo(202);
    awaitSessions("", 0);
    assertThat(post("/kick?sid=" + sid).statusCode()).isEqualTo(404);
    assertThat(post("/kick").statusCode()).isEqualTo(400);
  }

  @Test
  void upstreamIsDrainedOnAllNodes() throws Exception {
    connect(nodes.get(0), "u1");
    connect(nodes.get(1), "u1");
    awaitSessions("", 2);
    String name = texts(get("/sessions"), "upstream").get(0);

    assertThat(post("/drain?upstream=" + name).statusCode()).isEqualTo(202);

    awaitSessions("?upstream=" + name, 0);
    awaitSessions("", 2);
    String rest = texts(get("/sessions"), "upstream").get(0);
    assertThat(post("/drain?upstream=" + rest).statusCode()).isEqualTo(409);
    Awaiting.until(
        () ->
            get("/why?user=u1")
                .path("sessions")
                .findValuesAsText("choice")
                .equals(List.of("switched-over", "switched-over")));
    assertThat(post("/undrain?upstream=" + name).statusCode()).isEqualTo(202);
    Awaiting.until(() -> !get("/upstreams").toString().contains("\"drained\":true"));
    assertThat(post("/drain?upstream=nobody:1").statusCode()).isEqualTo(404);
  }

  @Test
  void nodeIsDrainedByAnother() throws Exception {
    TestClient client = connect(nodes.get(1), "u1");
    awaitSessions("", 1);

    assertThat(post("/drain?node=b").statusCode()).isEqualTo(202);

    assertThat(client.closed()).startsWith("1012");
    Awaiting.until(() -> get("/nodes").toString().contains("\"draining\":true"));
    Awaiting.until(() -> nodes.get(1).admin("/readyz").statusCode() == 503);
    assertThat(post("/drain?node=c").statusCode()).isEqualTo(404);
    assertThat(post("/drain").statusCode()).isEqualTo(400);
  }

  @Test
  void observerSeesTheSameWithoutBeingANode() throws Exception {
    connect(nodes.get(1), "u1");
    awaitSessions("", 1);
    Settings settings = Settings.of(Map.of("redis.url", "redis://127.0.0.1:" + redis.port()));

    try (Observer observer = Observer.of(settings)) {
      Api api = new Api(observer, Optional.empty());

      for (String path : List.of("/nodes", "/sessions", "/upstreams")) {
        assertThat(observed(api, path, Map.of())).hasToString(get(path).toString());
      }
      assertThat(observed(api, "/why", Map.of("user", "u1")))
          .hasToString(get("/why?user=u1").toString());
      var kicked =
          api.answer(new Api.Call("POST", "/kick", Map.of("user", "u1"))).toCompletableFuture();
      assertThat(kicked.join().status()).isEqualTo(202);
      awaitSessions("", 0);
      assertThat(get("/nodes").path("nodes")).hasSize(2);
    }
  }

  private static JsonNode observed(Api api, String path, Map<String, String> query) {
    return api.answer(new Api.Call("GET", path, query)).toCompletableFuture().join().body();
  }

  @Test
  void observerSaysWhyRedisCannotBeUsed() throws Exception {
    redis.kill();
    Settings settings = Settings.of(Map.of("redis.url", "redis://:x@127.0.0.1:" + redis.port()));

    try (Observer observer = Observer.of(settings)) {
      assertThatThrownBy(observer::nodes)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("redis://127.0.0.1:" + redis.port() + "/0: unreachable, ");
    }
  }

  @Test
  void nodeGoesOnAnsweringForItselfWithoutRedis() throws Exception {
    connect(nodes.get(0), "u1");
    awaitSessions("", 1);
    redis.kill();
    nodes.get(0).awaitMetric("holdfast_redis_up 0.0");

    assertThat(get("/upstreams").path("silent").get(0).asText()).isEqualTo("b");
    assertThat(post("/kick?user=u1").statusCode()).isEqualTo(202);
    awaitSessions("", 0);
  }
}
