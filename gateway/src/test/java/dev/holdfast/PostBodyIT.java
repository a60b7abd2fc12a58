package dev.holdfast;

import static dev.holdfast.RawSockets.answer;
import static dev.holdfast.RawSockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of polling POSTs are counted, timed and read strictly. */
final class PostBodyIT {
  private static final String NOTHING_TAKEN = "holdfast_quota_taken{resource=\"body-bytes\"} 0.0";

  private final LogLines log = new LogLines();
  private final RawSockets sockets = new RawSockets();

  @AfterEach
  void closeAll() throws IOException {
    log.close();
    sockets.close();
  }

  private Socket post(TestNode node, String sid, String rest) throws IOException {
    return send(sockets.connect(node), head(sid) + rest);
  }

  private static String head(String sid) {
    return "POST /ws/socket.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: h\r\n";
  }

  private static String chunked(String body) {
    return "Transfer-Encoding: chunked\r\n\r\n" + body;
  }

  @ParameterizedTest
  @CsvSource({
    "2, '2\r\n40\r\n0\r\n\r\n'",
    "2, '1\r\n4\r\n1;x=y\r\n0\r\n000\r\nTrailer: x\r\n\r\n'",
  })
  void bodyInChunksIsRead(int length, String chunks) throws Exception {
    try (TestNode node = TestNode.with()) {
      String sid = node.openPolling();

      Socket socket = post(node, sid, chunked(chunks));
      assertThat(answer(socket)).isEqualTo("200 ok");

      assertThat(node.poll("&sid=" + sid).body()).startsWith("40{\"sid\":");
      assertThat(answer(send(socket, head(sid) + "Content-Length: " + length + "\r\n\r\n42")))
          .isEqualTo("200 ok");
    }
  }

  @Test
  void bodyMayComeByteByByte() throws Exception {
    try (TestNode node = TestNode.with()) {
      String sid = node.openPolling();
      Socket socket = post(node, sid, "");
      for (char each : chunked("2\r\n40\r\n0\r\n\r\n").toCharArray()) {
        send(socket, String.valueOf(each));
      }

      assertThat(answer(socket)).isEqualTo("200 ok");
      node.awaitMetric(NOTHING_TAKEN);
    }
  }

  /** What came behind the body is the next request, whichever the framing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 2\r\n\r\n40",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n40\r\n0\r\n\r\n",
      })
  void requestBehindABodyIsAnsweredNext(String framed) throws Exception {
    try (TestNode node = TestNode.with()) {
      String sid = node.openPolling();
      String poll = "GET /ws/socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n";

      Socket socket = post(node, sid, framed + poll + poll);

      assertThat(answer(socket)).isEqualTo("200 ok");
      assertThat(answer(socket)).startsWith("200 0{\"sid\"");
      assertThat(answer(socket)).startsWith("200 0{\"sid\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+2\r\n40\r\n0\r\n\r\n",
        "0x2\r\n40\r\n0\r\n\r\n",
        " 2\r\n40\r\n0\r\n\r\n",
        "2 \r\n40\r\n0\r\n\r\n",
        "2\n40\n0\n\n",
        "2\r\n40X0\r\n\r\n",
        "2\r\n401\r\n0\r\n\r\n",
        "\r\n2\r\n40\r\n0\r\n\r\n",
        "-1\r\n",
        "fffffffffffffffff\r\n",
        "2;\u0001\r\n40\r\n0\r\n\r\n",
        "2\r\n40\r\n0\r\nno trailer\r\n\r\n",
      })
  void oddChunksAreRefused(String chunks) throws Exception {
    try (TestNode node = TestNode.with()) {
      assertThat(answer(post(node, node.openPolling(), chunked(chunks)))).isEqualTo("400 ");

      log.await("(malformed)");
      node.awaitMetric(NOTHING_TAKEN);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 5\r\n\r\n4", "Transfer-Encoding: chunked\r\n\r\n5\r\n4"})
  void bodyThatDoesNotComeIsAnsweredWith408(String begun) throws Exception {
    try (TestNode node = TestNode.with("limits.body-timeout", "200ms")) {
      assertThat(answer(post(node, node.openPolling(), begun))).isEqualTo("408 ");

      log.await("(body-timeout)");
      node.awaitMetric("holdfast_refused_total{reason=\"body-timeout\"} 1.0");
      node.awaitMetric(NOTHING_TAKEN);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyOverTheLimitIsReadToItsEndAndRefused(boolean measured) throws Exception {
    try (TestNode node = TestNode.with("limits.message", "64KiB")) {
      String body = "4".repeat(500_000);
      String framed =
          measured
              ? "Content-Length: " + body.length() + "\r\n\r\n" + body
              : chunked(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");

      assertThat(answer(post(node, node.openPolling(), framed))).isEqualTo("413 ");
      node.awaitTransportClosed("message-too-big");
      node.awaitMetric(NOTHING_TAKEN);
    }
  }

  @Test
  void clientThatGoesAwayInItsBodyGivesBackWhatItHad() throws Exception {
    try (TestNode node = TestNode.with()) {
      Socket socket = post(node, node.openPolling(), "Content-Length: 500\r\n\r\n" + "4".repeat(9));
      node.awaitMetric("holdfast_quota_taken{resource=\"body-bytes\"} 500.0");

      socket.close();

      node.awaitMetric(NOTHING_TAKEN);
      // That of the session's handshake is kept by the client's pool.
      node.awaitMetric("holdfast_quota_taken{resource=\"connections\"} 1.0");
    }
  }

  @Test
  void bodyThatComesAfterAnUpgradeGivesBackWhatItHad() throws Exception {
    try (TestNode node = TestNode.with()) {
      String sid = node.openPolling();
      Socket late = post(node, sid, "Content-Length: 500\r\n\r\n" + "4".repeat(9));
      TestClient client = new TestClient();
      WebSocket socket =
          node.webSocket("EIO=4&transport=websocket&sid=" + sid, client)
              .sendText("2probe", true)
              .join();
      assertThat(client.text()).isEqualTo("3probe");
      socket.sendText("5", true).join();
      socket.sendText("40", true).join();
      assertThat(client.text()).startsWith("40");

      assertThat(answer(send(late, "4".repeat(491)))).startsWith("400 ");

      node.awaitMetric(NOTHING_TAKEN);
    }
  }

  /** One machine begins POSTs and finishes none. */
  @Test
  void unfinishedBodiesOfOneAddressCostNobodyElse() throws Exception {
    try (TestNode node = TestNode.with("limits.bodies", "1MiB", "limits.message", "1MiB")) {
      String most = "Content-Length: 1000000\r\n\r\n" + "4".repeat(120_000);
      for (int i = 0; i < 12; i++) {
        post(node, node.openPolling(), most);
      }
      log.await("(body-memory)");

      Socket other = sockets.connect(node, "127.0.0.9");
      send(other, head(node.openPolling()) + "Content-Length: 50002\r\n\r\n40");
      assertThat(answer(send(other, " ".repeat(50_000)))).isEqualTo("200 ok");

      sockets.close();
      node.awaitMetric(NOTHING_TAKEN);
    }
  }
}
