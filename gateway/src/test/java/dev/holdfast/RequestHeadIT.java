package dev.holdfast;

import static dev.holdfast.RawSockets.all;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of requests are counted and checked before anybody acts on them. */
final class RequestHeadIT {
  private static final String POLL =
      "GET /ws/socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n";

  private final LogLines log = new LogLines();
  private final RawSockets sockets = new RawSockets();

  @AfterEach
  void closeAll() throws IOException {
    log.close();
    sockets.close();
  }

  private Socket send(TestNode node, String text) throws IOException {
    return RawSockets.send(sockets.connect(node), text);
  }

  /** Until so many answers have begun. */
  private static String answers(Socket socket, int count) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder read = new StringBuilder();
    while (read.toString().split("HTTP/1.1 200", -1).length <= count
        || !read.toString().contains("}")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("it ended after " + read);
      }
      read.append((char) next);
    }
    return read.toString();
  }

  @Test
  void headThatDoesNotComeWholeIsAnsweredWith408() throws Exception {
    try (TestNode node = TestNode.with("limits.head-timeout", "200ms")) {
      Socket slow = send(node, POLL);

      assertThat(all(slow)).startsWith("HTTP/1.1 408 ").contains("limits.head-timeout");

      log.await("(header-timeout)");
      node.awaitMetric("holdfast_refused_total{reason=\"header-timeout\"} 1.0");
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }

  @Test
  void connectionWithoutARequestMayWait() throws Exception {
    try (TestNode node = TestNode.with("limits.head-timeout", "100ms")) {
      Socket early = send(node, "");
      assertThat(all(send(node, "G"))).startsWith("HTTP/1.1 408 ");

      assertThat(answers(RawSockets.send(early, POLL + "\r\n"), 1)).contains("\"sid\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n folded\r\n\r\n",
        "POST /ws/socket.io/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000 TLS to a port without",
        "nonsense\r\n\r\n",
      })
  void malformedHeadIsAnsweredWith400(String text) throws Exception {
    try (TestNode node = TestNode.with()) {
      assertThat(all(send(node, text))).startsWith("HTTP/1.1 400 ").contains("Connection: close");

      log.await("(malformed)");
      node.awaitMetric("holdfast_refused_total{reason=\"malformed\"} 1.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upgrade", "keep-alive, upgrade", "close, Upgrade", "Upgrade, x, close"})
  @SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
  void webSocketOpensWhateverElseConnectionSays(String connection) throws Exception {
    try (TestNode node = TestNode.with()) {
      String head =
          "GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
      InputStream in = send(node, head + "Connection: " + connection + "\r\n\r\n").getInputStream();

      StringBuilder read = new StringBuilder();
      while (!read.toString().contains("\"sid\"")) {
        int next = in.read();
        assertThat(next).as("behind " + read).isNotNegative();
        read.append((char) next);
      }
      assertThat(read.toString()).startsWith("HTTP/1.1 101 ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 300, 1000})
  void moreFieldsThanCanBeHeldAreAnsweredWith431(int count) throws Exception {
    try (TestNode node = TestNode.with()) {
      assertThat(all(send(node, POLL + "A: b\r\n".repeat(count) + "\r\n")))
          .startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void asManyFieldsAsCanBeHeldAreServed() throws Exception {
    try (TestNode node = TestNode.with()) {
      String request = POLL + "Cookie: a=b\r\n".repeat(126) + "\r\n";

      assertThat(answers(send(node, request), 1)).contains("\"sid\"");
    }
  }

  @Test
  void headOverTheLimitIsRefusedBeforeItHasComeWhole() throws Exception {
    try (TestNode node = TestNode.with("limits.header", "8KiB")) {
      Socket large = send(node, POLL + "X: " + "y".repeat(9 * 1024));

      assertThat(all(large)).startsWith("HTTP/1.1 431 ").contains("limits.header is 8192");
      node.awaitMetric("holdfast_refused_total{reason=\"header\"} 1.0");
    }
  }

  /**
   * Larger than the buffer in which Undertow reads, and byte by byte over the borders of blocks.
   */
  @Test
  void largeHeadMayComeInManyPieces() throws Exception {
    try (TestNode node = TestNode.with()) {
      Socket socket = send(node, POLL + "X: ");
      for (int i = 0; i < 40; i++) {
        RawSockets.send(socket, "y".repeat(1000));
      }
      RawSockets.send(socket, "\r\n\r");
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 65536.0");

      assertThat(answers(RawSockets.send(socket, "\n"), 1)).contains("\"sid\"");

      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInTurn() throws Exception {
    try (TestNode node = TestNode.with()) {
      Socket socket = send(node, (POLL + "\r\n").repeat(3) + POLL);

      assertThat(answers(socket, 3)).contains("\"sid\"");

      assertThat(answers(RawSockets.send(socket, "\r\n"), 1)).contains("\"sid\"");
    }
  }

  /** What came behind a large head is kept with it. */
  @Test
  void requestSentAheadBehindALargeOneMayBeLargeToo() throws Exception {
    try (TestNode node = TestNode.with()) {
      String large = POLL + "X: " + "y".repeat(30_000) + "\r\n";
      Socket socket = send(node, large + "\r\n" + large);

      assertThat(answers(socket, 1)).contains("\"sid\"");

      RawSockets.send(socket, "X: " + "y".repeat(30_000) + "\r\n");
      assertThat(answers(RawSockets.send(socket, "\r\n"), 1)).contains("\"sid\"");
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }

  @Test
  void requestThatIsSentAheadHasADeadline() throws Exception {
    try (TestNode node = TestNode.with("limits.head-timeout", "200ms")) {
      assertThat(all(send(node, POLL + "\r\n" + POLL)))
          .startsWith("HTTP/1.1 200 ")
          .contains("HTTP/1.1 408 ");
    }
  }

  @Test
  void malformedRequestSentAheadIsRefusedInItsTurn() throws Exception {
    try (TestNode node = TestNode.with()) {
      Socket socket = send(node, POLL + "\r\n" + "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n");

      assertThat(all(socket)).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 400 ");
    }
  }

  /** What comes until the other side closes, with unread bytes or without. */
  private static String afterwards(Socket socket) throws IOException {
    try {
      return all(socket);
    } catch (SocketException reset) {
      return "";
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 5})
  void restOfABodyThatNobodyReadsIsNoHead(int atOnce) throws Exception {
    try (TestNode node = TestNode.with()) {
      String body = "hello";
      Socket socket =
          send(
              node,
              "POST /ws/socket.io/ HTTP/1.1\r\nHost: h\r\nX-Holdfast-Node: nobody\r\n"
                  + "Content-Length: 5\r\n\r\n"
                  + body.substring(0, atOnce));
      assertThat(RawSockets.answer(socket)).startsWith("403 ");
      RawSockets.send(socket, body.substring(atOnce));

      assertThat(afterwards(socket)).isEmpty();
      assertThat(node.admin("/metrics").body()).doesNotContain("reason=\"malformed\"");
    }
  }

  /** An answer at once would bring the client back at once. */
  @Test
  void headThatFindsNoMemoryIsNotAnsweredAtOnce() throws Exception {
    try (TestNode node = TestNode.with("limits.heads", "256KiB", "limits.head-timeout", "1m")) {
      List<Socket> all = sendHalves(node);
      log.await("(header-memory)");

      for (Socket socket : all) {
        assertThat(socket.getInputStream().available()).isZero();
      }
    }
  }

  private List<Socket> sendHalves(TestNode node) throws IOException {
    String half = POLL + "X: " + "y".repeat(12_000);
    List<Socket> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(send(node, half));
    }
    return all;
  }

  @Test
  void headThatFindsNoMemoryIsAnsweredAtItsDeadline() throws Exception {
    try (TestNode node = TestNode.with("limits.heads", "256KiB", "limits.head-timeout", "1s")) {
      List<String> answers = new ArrayList<>();
      for (Socket socket : sendHalves(node)) {
        answers.add(all(socket));
      }
      assertThat(answers)
          .anySatisfy(
              answer -> assertThat(answer).startsWith("HTTP/1.1 503 ").contains("limits.heads"))
          .allSatisfy(answer -> assertThat(answer).matches("(?s)HTTP/1.1 (503|408) .*"));
      assertThat(log.lines()).filteredOn(line -> line.contains("(header-memory)")).hasSize(1);
    }
  }

  /** One machine opens requests and finishes none. */
  @Test
  void unfinishedHeadsOfOneAddressCostNobodyElse() throws Exception {
    try (TestNode node = TestNode.with("limits.heads", "256KiB")) {
      String half = POLL + "X: " + "y".repeat(12_000);
      for (int i = 0; i < 40; i++) {
        send(node, half);
      }
      log.await("(header-memory)");
      Socket other = sockets.connect(node, "127.0.0.9");

      RawSockets.send(other, half);
      assertThat(answers(RawSockets.send(other, "\r\n\r\n"), 1)).contains("\"sid\"");

      sockets.close();
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }
}
