package dev.holdfast;

import static dev.holdfast.RawSockets.answer;
import static dev.holdfast.RawSockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One address that takes what it can get leaves the others theirs. */
final class ShareIT {
  private static final String GET = "GET /api/config HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String UNFINISHED =
      "POST /api/chats HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{";
  private static final String OK = "200 {\"status\":true}";

  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";

  private final LogLines log = new LogLines();
  private final RawSockets sockets = new RawSockets();

  @AfterEach
  void closeAll() throws IOException {
    log.close();
    sockets.close();
  }

  private List<Socket> send(TestNode node, String from, int count, String text) throws IOException {
    List<Socket> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sent.add(RawSockets.send(sockets.connect(node, from), text));
    }
    return sent;
  }

  @Test
  void requestsThatAreNeverFinishedCostNobodyElse() throws Exception {
    try (TestNode node = TestNode.with()) {
      List<Socket> unfinished = send(node, "127.0.0.2", 1_000, UNFINISHED);
      node.awaitMetric("holdfast_proxy_active 1000.0");

      for (Socket other : send(node, "127.0.0.9", 100, GET)) {
        assertThat(answer(other)).isEqualTo(OK);
      }

      assertThat(answer(RawSockets.send(unfinished.get(0), " ".repeat(999)))).isEqualTo(OK);
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-connections\"} 800.0");
      sockets.close();
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-connections\"} 0.0");
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-queue\"} 0.0");
    }
  }

  /** Together they have all of it, and none of them more than it may. */
  @Test
  void requestThatWaitsForItsClientGoesWhenConnectionsAreShort() throws Exception {
    try (TestNode node = TestNode.with("proxy.connections", "10")) {
      send(node, "127.0.0.2", 8, UNFINISHED);
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-connections\"} 8.0");
      send(node, "127.0.0.3", 2, UNFINISHED);

      Socket other = RawSockets.send(sockets.connect(node, "127.0.0.9"), GET);

      assertThat(answer(other)).isEqualTo(OK);
      log.await("are nearly exhausted: closing one that waits for its client");
    }
  }

  @Test
  void verifiedUsersOfOneAddressCountEachAlone() throws Exception {
    try (TestNode node = TestNode.with("proxy.connections", "10", "auth.secret-key", SECRET)) {
      send(node, "127.0.0.2", 8, as("u1", UNFINISHED));
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-connections\"} 8.0");

      RawSockets.send(sockets.connect(node, "127.0.0.3"), as("u1", GET));
      node.awaitMetric("holdfast_quota_taken{resource=\"backend-queue\"} 1.0");
      Socket other = RawSockets.send(sockets.connect(node, "127.0.0.2"), as("u2", GET));

      assertThat(answer(other)).isEqualTo(OK);
    }
  }

  private static String as(String user, String request) {
    String token = JWT.create().withClaim("id", user).sign(Algorithm.HMAC256(SECRET));
    return request.replace("Host: h", "Host: h\r\nAuthorization: Bearer " + token);
  }
}
