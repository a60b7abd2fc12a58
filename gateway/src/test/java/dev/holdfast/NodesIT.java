package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.redis.RedisProcess;
import dev.holdfast.time.Awaiting;
import java.net.http.WebSocket;
import org.junit.jupiter.api.Test;

/** Two whole nodes that find each other through a real Redis. */
final class NodesIT {
  private static final String SECRET = "the secret of Open WebUI, which is long enough";
  private static final String OPEN = "EIO=4&transport=websocket";

  @Test
  void requestOfASessionArrivesAtTheOtherNode() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        TestNode a = TestNode.with("redis.url", redis.url(), "node.id", "a", "node.beat", "1s");
        TestNode b = TestNode.with("redis.url", redis.url(), "node.id", "b", "node.beat", "1s")) {
      a.awaitMetric("holdfast_nodes 2.0");
      b.awaitMetric("holdfast_nodes 2.0");

      String sid = a.openPolling();
      assertThat(b.post(sid, "40").body()).isEqualTo("ok");

      assertThat(b.poll("&sid=" + sid).body()).startsWith("40{\"sid\":");
      assertThat(sid).startsWith("a.");
    }
  }

  @Test
  void clientsOfAnAddressCountAtAllNodes() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        TestNode a = limited(redis, "a", "limits.connections-per-address", "1");
        TestNode b = limited(redis, "b", "limits.connections-per-address", "1")) {
      a.awaitMetric("holdfast_nodes 2.0");
      TestClient client = new TestClient();
      WebSocket socket = a.webSocket(OPEN, client);
      assertThat(client.text()).startsWith("0{");

      socket.sendText("40", true).join();

      Awaiting.until(() -> b.poll("").statusCode() == 503);
      b.awaitMetric("holdfast_refused_total{reason=\"connections-per-address\"}");
    }
  }

  @Test
  void sessionsOfAUserCountAtAllNodes() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        TestNode a = limited(redis, "a", "limits.sessions-per-user", "2");
        TestNode b = limited(redis, "b", "limits.sessions-per-user", "2")) {
      a.awaitMetric("holdfast_nodes 2.0");
      String token = JWT.create().withClaim("id", "u1").sign(Algorithm.HMAC256(SECRET));
      String connect = "40{\"token\":\"" + token + "\"}";
      assertThat(closeReason(a, connect)).isEmpty();
      assertThat(closeReason(a, connect)).isEmpty();

      String reason = closeReason(b, connect);
      for (int i = 0; reason.isEmpty() && i < 100; i++) {
        // It has not heard of the others yet.
        reason = closeReason(b, connect);
      }

      assertThat(reason).isEqualTo("1008 sessions-per-user");
      b.awaitMetric("holdfast_refused_total{reason=\"sessions-per-user\"}");
      TestClient later = new TestClient();
      WebSocket socket = b.webSocket(OPEN, later);
      socket.sendText("40", true).join();
      assertThat(later.closedOr("40{")).isEmpty();
      socket.sendText("42[\"user-join\",{\"auth\":{\"token\":\"" + token + "\"}}]", true).join();
      assertThat(later.closed()).isEqualTo("1008 sessions-per-user");
    }
  }

  /** How a new connection ends that says this; empty if it is let in. */
  private static String closeReason(TestNode node, String connect) throws InterruptedException {
    TestClient client = new TestClient();
    WebSocket socket = node.webSocket(OPEN, client);
    assertThat(client.text()).startsWith("0{");
    socket.sendText(connect, true).join();
    return client.closedOr("40{");
  }

  private static TestNode limited(RedisProcess redis, String id, String key, String value)
      throws Exception {
    return TestNode.with(
        "redis.url",
        redis.url(),
        "node.id",
        id,
        "node.beat",
        "1s",
        "auth.secret-key",
        SECRET,
        key,
        value);
  }
}
