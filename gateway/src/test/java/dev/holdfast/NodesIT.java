package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.RedisProcess;
import dev.holdfast.time.Awaiting;
import java.net.http.WebSocket;
import org.junit.jupiter.api.Test;

/** Two whole nodes that find each other through a real Redis. */
final class NodesIT {
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
        TestNode a = limited(redis, "a");
        TestNode b = limited(redis, "b")) {
      a.awaitMetric("holdfast_nodes 2.0");
      TestClient client = new TestClient();
      WebSocket socket = a.webSocket(OPEN, client);
      assertThat(client.text()).startsWith("0{");

      socket.sendText("40", true).join();

      Awaiting.until(() -> b.poll("").statusCode() == 503);
      b.awaitMetric("holdfast_refused_total{reason=\"connections-per-address\"}");
    }
  }

  private static TestNode limited(RedisProcess redis, String id) throws Exception {
    return TestNode.with(
        "redis.url",
        redis.url(),
        "node.id",
        id,
        "node.beat",
        "1s",
        "limits.connections-per-address",
        "1");
  }
}
