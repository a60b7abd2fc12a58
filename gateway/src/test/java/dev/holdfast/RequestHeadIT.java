package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
  private static final int PATIENCE_MILLIS = 10_000;

  private final LogLines log = new LogLines();
  private final List<Socket> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    log.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private Socket send(TestNode node, String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    open.add(socket);
    return send(socket, text);
  }

  private static Socket send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Everything until the other side closes. */
  private static String all(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
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

      assertThat(answers(send(early, POLL + "\r\n"), 1)).contains("\"sid\"");
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
        send(socket, "y".repeat(1000));
      }
      send(socket, "\r\n\r");
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 65536.0");

      assertThat(answers(send(socket, "\n"), 1)).contains("\"sid\"");

      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInTurn() throws Exception {
    try (TestNode node = TestNode.with()) {
      Socket socket = send(node, (POLL + "\r\n").repeat(3) + POLL);

      assertThat(answers(socket, 3)).contains("\"sid\"");

      assertThat(answers(send(socket, "\r\n"), 1)).contains("\"sid\"");
    }
  }

  /** What came behind a large head is kept with it. */
  @Test
  void requestSentAheadBehindALargeOneMayBeLargeToo() throws Exception {
    try (TestNode node = TestNode.with()) {
      String large = POLL + "X: " + "y".repeat(30_000) + "\r\n";
      Socket socket = send(node, large + "\r\n" + large);

      assertThat(answers(socket, 1)).contains("\"sid\"");

      send(socket, "X: " + "y".repeat(30_000) + "\r\n");
      assertThat(answers(send(socket, "\r\n"), 1)).contains("\"sid\"");
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

  /** One machine opens requests and finishes none. */
  @Test
  void unfinishedHeadsOfOneAddressCostNobodyElse() throws Exception {
    try (TestNode node = TestNode.with("limits.heads", "256KiB")) {
      String half = POLL + "X: " + "y".repeat(12_000);
      for (int i = 0; i < 40; i++) {
        send(node, half);
      }
      log.await("(header-memory)");
      Socket other = new Socket();
      open.add(other);
      other.bind(new InetSocketAddress("127.0.0.9", 0));
      other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()));
      other.setSoTimeout(PATIENCE_MILLIS);

      send(other, half);
      assertThat(answers(send(other, "\r\n\r\n"), 1)).contains("\"sid\"");

      closeAll();
      node.awaitMetric("holdfast_quota_taken{resource=\"head-bytes\"} 0.0");
    }
  }
}
