package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.TextFrame;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each limit is driven over its bound; client, log and metric say which one it was. */
final class LimitsIT {
  private static final String OPEN = "EIO=4&transport=websocket";

  private final LogLines log = new LogLines();

  @AfterEach
  void detachTheLog() {
    log.close();
  }

  private void sees(TestNode node, String reason) throws InterruptedException {
    log.await(reason);
    node.awaitTransportClosed(reason);
  }

  @Test
  void aMessageOverTheLimitEndsTheSession() throws Exception {
    try (TestNode node = TestNode.with("limits.message", "1KiB")) {
      TestClient client = new TestClient();
      WebSocket socket = node.webSocket(OPEN, client);

      socket.sendText("40" + " ".repeat(1023), true).join();

      assertThat(client.text()).contains("\"maxPayload\":1024");
      assertThat(client.closed()).isEqualTo("1009 a message has 1025 bytes, the limit is 1024");
      sees(node, "message-too-big");
    }
  }

  @Test
  void aPostOverTheLimitEndsTheSession() throws Exception {
    try (TestNode node = TestNode.with("limits.message", "1KiB")) {
      String sid = node.openPolling();

      HttpResponse<String> answer = node.post(sid, "4" + " ".repeat(1024));

      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(node.poll("&sid=" + sid).body()).contains("Session ID unknown");
      sees(node, "message-too-big");
    }
  }

  @Test
  void tooManyAttachmentsEndTheSession() throws Exception {
    try (TestNode node = TestNode.with("limits.attachments", "2")) {
      TestClient client = new TestClient();
      WebSocket socket = node.webSocket(OPEN, client);

      socket.sendText("40", true).join();
      socket.sendText("453-[\"e\"]", true).join();

      assertThat(client.closed()).isEqualTo("1008 too-many-attachments");
      sees(node, "too-many-attachments");
    }
  }

  @Test
  void tooManyPacketsInAPostEndTheSession() throws Exception {
    try (TestNode node = TestNode.with("limits.post-packets", "2")) {
      String sid = node.openPolling();

      node.post(sid, "40\u001e42[1]\u001e42[2]");

      assertThat(node.poll("&sid=" + sid).body()).contains("Session ID unknown");
      sees(node, "too-many-packets");
    }
  }

  @Test
  void aClientWithoutConnectIsLetGo() throws Exception {
    try (TestNode node = TestNode.with("socketio.connect-timeout", "100ms")) {
      TestClient client = new TestClient();

      node.webSocket(OPEN, client);

      assertThat(client.closed()).isEqualTo("1008 connect-timeout");
      sees(node, "connect-timeout");
    }
  }

  @Test
  void anUnfinishedUpgradeEndsTheWebSocketAndNotTheSession() throws Exception {
    try (TestNode node = TestNode.with("socketio.upgrade-timeout", "100ms");
        RawSockets sockets = new RawSockets()) {
      String sid = node.openPolling();

      RawWebSocket client = RawWebSocket.probing(sockets.connect(node), sid);

      assertThat(client.message()).isEqualTo("3probe");
      assertThat(client.message()).startsWith("1008 the upgrade was not finished");
      node.awaitMetric("holdfast_refused_total{reason=\"upgrade-timeout\"} 1.0");
      log.await("upgrade-timeout");
      assertThat(node.post(sid, "40").body()).isEqualTo("ok");
      assertThat(node.poll("&sid=" + sid).body()).startsWith("40{\"sid\":");
    }
  }

  @Test
  void aPollingClientThatNeverComesBackIsLetGo() throws Exception {
    try (TestNode node = TestNode.with("limits.polling-idle", "100ms")) {
      String sid = node.openPolling();

      sees(node, "polling-idle");

      assertThat(node.poll("&sid=" + sid).body()).contains("Session ID unknown");
    }
  }

  @Test
  void theProcessTakesSoManyConnections() throws Exception {
    try (TestNode node = TestNode.with("limits.connections", "1")) {
      node.openPolling();

      HttpResponse<String> refused = node.poll("");

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      node.awaitMetric("holdfast_refused_total{reason=\"connections\"} 1.0");
      log.await("(connections)");
    }
  }

  @Test
  void anAddressBehindATrustedProxyHasItsOwnLimit() throws Exception {
    try (TestNode node =
        TestNode.with(
            "limits.connections-per-address", "1", "proxy.trusted-proxies", "127.0.0.1/32")) {
      assertThat(from(node, "192.0.2.1").statusCode()).isEqualTo(200);

      assertThat(from(node, "192.0.2.2").statusCode()).isEqualTo(200);
      assertThat(from(node, "192.0.2.1").statusCode()).isEqualTo(503);

      node.awaitMetric("holdfast_refused_total{reason=\"connections-per-address\"} 1.0");
      log.await("(connections-per-address)");
    }
  }

  private static HttpResponse<String> from(TestNode node, String address) {
    return node.send(
        HttpRequest.newBuilder(node.engine("EIO=4&transport=polling"))
            .header("X-Forwarded-For", address));
  }

  @Test
  void aClientThatDoesNotReadCostsItsOwnSession() throws Exception {
    try (TestNode node =
            TestNode.with("limits.waiting", "64KiB", "limits.slow-transport", "200ms");
        Socket deaf = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      deaf.setReceiveBufferSize(4096);
      OutputStream out = deaf.getOutputStream();
      out.write(
          ("GET /ws/socket.io/?"
                  + OPEN
                  + " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(TextFrame.masked("40"));
      out.write(TextFrame.masked("42[\"flood\",20000]"));

      sees(node, "slow-transport");
    }
  }

  @Test
  void theProcessKeepsSoManyBytesThatWait() throws Exception {
    try (TestNode node =
        TestNode.with("limits.buffers", "1MiB", "limits.waiting", "8MiB", "resume.mode", "off")) {
      flood(node);

      sees(node, "no-buffers");
    }
  }

  @Test
  void theOutboxesOfTheProcessKeepSoManyBytes() throws Exception {
    try (TestNode node = TestNode.with("resume.memory", "1MiB", "limits.waiting", "8MiB")) {
      flood(node);

      sees(node, "outbox-memory");
    }
  }

  private static void flood(TestNode node) throws Exception {
    String sid = node.openPolling();
    node.post(sid, "40");
    node.post(sid, "42[\"flood\",4000]");
  }

  @Test
  void aRequestHeadOverTheLimitIsRefused() throws Exception {
    try (TestNode node = TestNode.with("limits.header", "8KiB")) {
      HttpResponse<String> refused =
          node.send(
              HttpRequest.newBuilder(node.engine("EIO=4&transport=polling"))
                  .header("X-Long", "x".repeat(9 * 1024)));

      assertThat(refused.statusCode()).isEqualTo(431);
      node.awaitMetric("holdfast_refused_total{reason=\"header\"} 1.0");
      log.await("limits.header is 8192");
    }
  }

  @Test
  void otherSpellingsOfTheEndpointDoNotReachTheUpstream() throws Exception {
    try (TestNode node = TestNode.with()) {
      for (String path : new String[] {"/ws/socket.io/x", "/ws/socket%2Eio/", "/ws//socket.io/"}) {
        URI uri = URI.create("http://127.0.0.1:" + node.port() + path + "?" + OPEN);

        HttpResponse<String> answer = node.send(HttpRequest.newBuilder(uri));

        assertThat(answer.statusCode()).as(path).isEqualTo(404);
      }
      log.await("(path)");
      node.awaitMetric("holdfast_refused_total{reason=\"path\"} 3.0");
    }
  }
}
