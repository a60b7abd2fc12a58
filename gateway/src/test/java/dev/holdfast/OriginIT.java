package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a web page of another host can make a browser send, and what is said about it. */
class OriginIT {
  private static final String PAGE = "https://chat.example.org";
  private static final String EVIL = "https://evil.example";
  private static final String FORWARDED = "X-Forwarded-Host: evil.example";
  private static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
  private static final String POLLING = "/ws/socket.io/?EIO=4&transport=polling";
  private static final String WEBSOCKET = "/ws/socket.io/?EIO=4&transport=websocket";

  private final RawSockets sockets = new RawSockets();
  private final LogLines log = new LogLines();

  @AfterEach
  void close() throws IOException {
    sockets.close();
    log.close();
  }

  private static String head(String request, String... lines) {
    return request + " HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
  }

  /** All of one answer; the connection ends behind it. */
  private String ask(TestNode node, String request, String... lines) throws IOException {
    String head = head(request, lines).replaceFirst("\r\n", "\r\nConnection: close\r\n");
    return RawSockets.all(RawSockets.send(sockets.connect(node), head));
  }

  private static void isRefused(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 403 ").contains("Forbidden");
    assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("access-control-");
  }

  @Test
  void webSocketOfAnotherSiteIsRefusedWithASentence() throws Exception {
    try (TestNode node = TestNode.with()) {
      String answer =
          RawSockets.all(
              RawSockets.send(
                  sockets.connect(node),
                  head("GET " + WEBSOCKET, "Host: chat.example.org", "Origin: " + EVIL, UPGRADE)));

      isRefused(answer);
      assertThat(answer)
          .contains("Content-Type: text/plain")
          .contains("Forbidden: Origin is 'https://evil.example'")
          .contains("'chat.example.org' (Host)", "socketio.origins (CORS_ALLOW_ORIGIN)");
      log.await("refused a request of 127.0.0.1 (origin): Origin is 'https://evil.example', but");
      node.awaitMetric("holdfast_refused_total{reason=\"origin\"} 1.0");
    }
  }

  /** The one way to X-Forwarded-Host that a page of another site has. */
  @Test
  void preflightOfAnotherSiteIsRefused() throws Exception {
    try (TestNode node = TestNode.with()) {
      isRefused(
          ask(
              node,
              "OPTIONS " + POLLING,
              "Host: chat.example.org",
              "Origin: " + EVIL,
              "Access-Control-Request-Method: GET",
              "Access-Control-Request-Headers: x-forwarded-host"));
    }
  }

  @Test
  void requestsThatNeedNoPreflightAreRefusedUnreadable() throws Exception {
    try (TestNode node = TestNode.with()) {
      String host = "Host: chat.example.org";
      String answer = ask(node, "GET " + POLLING, host, "Origin: " + EVIL);

      isRefused(answer);
      assertThat(answer)
          .contains("Content-Type: application/json")
          .contains("{\"code\":4,\"message\":\"Forbidden\",\"detail\":\"Origin is 'https://evil.");
      isRefused(ask(node, "GET " + POLLING, host, "Origin: null"));
      isRefused(ask(node, "POST " + POLLING + "&sid=x", host, "Origin: null", "Content-Length: 0"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Origin:", "Origin: ", "Origin: https://chat.example.org\r\nOrigin: x"})
  void emptyAndSecondOriginsAreRefused(String origin) throws Exception {
    try (TestNode node = TestNode.with()) {
      isRefused(ask(node, "GET " + POLLING, "Host: chat.example.org", origin));
      isRefused(ask(node, "GET " + WEBSOCKET, "Host: chat.example.org", origin));
    }
  }

  /** A name that an attacker has made resolve to the node is the page's own host. */
  @Test
  void listKeepsPagesAwayWhoseNameIsReboundToTheNode() throws Exception {
    String[] rebound = {"Host: evil.example", FORWARDED, "Origin: " + EVIL};
    try (TestNode node = TestNode.with("socketio.origins", PAGE)) {
      isRefused(ask(node, "GET " + POLLING, rebound));
      assertThat(ask(node, "GET " + POLLING, "Host: 10.0.0.5", "Origin: " + PAGE))
          .startsWith("HTTP/1.1 200 ")
          .contains("Access-Control-Allow-Origin: " + PAGE);
    }
  }

  @Test
  void pageBehindAProxyThatNobodyHasListedIsServed() throws Exception {
    try (TestNode node = TestNode.with()) {
      String[] ofApache = {
        "Host: 127.0.0.1:8000", "X-Forwarded-Host: chat.example.org", "Origin: " + PAGE
      };

      assertThat(ask(node, "GET " + POLLING, ofApache)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void itIsServedAtAnotherNodeThanItsSessions() throws Exception {
    try (TestCluster cluster = TestCluster.of(2)) {
      String sid = cluster.node(0).openPolling();

      String request =
          head(
              "POST " + POLLING + "&sid=" + sid,
              "Host: 127.0.0.1:8000",
              "X-Forwarded-Host: chat.example.org",
              "Origin: " + PAGE,
              "Content-Length: 2");
      String answer =
          RawSockets.answer(RawSockets.send(sockets.connect(cluster.node(1)), request + "40"));

      assertThat(answer).isEqualTo("200 ok");
    }
  }

  @Test
  void repeatedRefusalsAreOneLine() throws Exception {
    try (TestNode node = TestNode.with()) {
      for (int i = 0; i < 20; i++) {
        ask(node, "GET " + POLLING, "Host: chat.example.org", "Origin: " + EVIL);
      }

      node.awaitMetric("holdfast_refused_total{reason=\"origin\"} 20.0");
      assertThat(log.lines()).filteredOn(line -> line.contains("(origin)")).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EIO=3&transport=polling | EIO is '3', expected 4",
        "transport=polling | EIO is absent, expected 4",
        "EIO=4&transport=flash | transport is 'flash', expected polling or websocket",
        "EIO=4&transport=polling&j=0 | JSONP",
        "EIO=4&transport=websocket | Upgrade is absent and Connection 'close', expected websocket"
      })
  void otherRefusalsSayWhatWasExpected(String given) throws Exception {
    String query = given.substring(0, given.indexOf(" | "));
    String sentence = given.substring(given.indexOf(" | ") + 3);
    try (TestNode node = TestNode.with()) {
      String answer = ask(node, "GET /ws/socket.io/?" + query, "Host: chat.example.org");

      assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"detail\":\"").contains(sentence);
      log.await(sentence);
    }
  }

  @Test
  void whoSaysToBeANodeIsToldWhatIsWrong() throws Exception {
    try (TestNode node = TestNode.with()) {
      assertThat(ask(node, "GET " + POLLING, "Host: x", "X-Holdfast-Node: somebody"))
          .startsWith("HTTP/1.1 403 ")
          .contains("X-Holdfast-Node", "cluster.secret");
    }
  }
}
