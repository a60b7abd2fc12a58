package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.time.Awaiting;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests of a session that arrive at another node than the one that opened it. */
class PassOnIT {
  private static final String UNKNOWN = "{\"code\":1,\"message\":\"Session ID unknown\"}";
  private static final String EVENT = "42[\"event\"]";
  private static final String WEBSOCKET = "EIO=4&transport=websocket&sid=";

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.of(3);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void sidsBearTheNameOfTheirNode() {
    assertThat(cluster.node(0).openPolling()).matches("a\\.[A-Za-z0-9_-]{20}");
    assertThat(cluster.node(1).openPolling()).startsWith("b.");
  }

  @Test
  void pollingRequestsMayArriveAtAnyNode() {
    Random random = new Random(7);
    for (int session = 0; session < 5; session++) {
      String sid = any(random).openPolling();
      assertThat(any(random).post(sid, "40").body()).isEqualTo("ok");
      assertThat(polled(random, sid)).startsWith("40{\"sid\":\"upstream-");
      for (int event = 0; event < 10; event++) {
        String packet = "42[\"event\"," + event + "]";
        assertThat(any(random).post(sid, packet).body()).isEqualTo("ok");
        assertThat(polled(random, sid)).contains(packet);
      }
    }
  }

  private TestNode any(Random random) {
    return cluster.node(random.nextInt(cluster.size()));
  }

  /** The next answer with more in it than a ping, which is answered. */
  private String polled(Random random, String sid) {
    String answer = any(random).poll("&sid=" + sid).body();
    while (answer.equals("2")) {
      any(random).post(sid, "3");
      answer = any(random).poll("&sid=" + sid).body();
    }
    return answer;
  }

  @Test
  void upgradeMayArriveAtAnyNode() throws Exception {
    String sid = cluster.node(0).openPolling();
    cluster.node(2).post(sid, "40");
    assertThat(cluster.node(1).poll("&sid=" + sid).body()).startsWith("40{");
    TestClient client = new TestClient();

    WebSocket socket = cluster.node(1).webSocket(WEBSOCKET + sid, client);
    socket.sendText("2probe", true).join();
    assertThat(client.text()).isEqualTo("3probe");
    socket.sendText("5", true).join();
    socket.sendText("42[\"over\",\"websocket\"]", true).join();

    assertThat(client.message()).isEqualTo("42[\"over\",\"websocket\"]");
    cluster.node(1).awaitMetric("holdfast_node_websockets 1.0");
    cluster.node(0).awaitMetric("holdfast_transports{kind=\"websocket\"} 1.0");
    socket.sendClose(1000, "").join();
    assertThat(client.closed()).startsWith("1000");
    cluster.node(0).awaitTransportClosed("client-lost");
    cluster.node(1).awaitMetric("holdfast_node_websockets 0.0");
  }

  @Test
  void nodeThatStopsPassesNoWebSocketOn() throws Exception {
    TestNode stops = cluster.node(1);
    String sid = cluster.node(0).openPolling();
    WebSocket socket = stops.webSocket(WEBSOCKET + sid, new TestClient());
    socket.sendText("2probe", true).join();
    stops.awaitMetric("holdfast_node_websockets 1.0");
    String other = cluster.node(0).openPolling();
    // Its session keeps the node from being done.
    TestClient away = new TestClient();
    stops.webSocket("EIO=4&transport=websocket", away).sendText("40", true).join();
    assertThat(away.text()).startsWith("0{");
    assertThat(away.text()).startsWith("40{");

    Thread drain = new Thread(stops.gateway()::drain);
    drain.setDaemon(true);
    drain.start();

    stops.awaitMetric("holdfast_node_websockets 0.0");
    assertThatThrownBy(() -> stops.webSocket(WEBSOCKET + other, new TestClient()))
        .hasMessageContaining("WebSocketHandshakeException");
    stops.awaitMetric("holdfast_refused_total{reason=\"draining\"} 1.0");
    assertThat(stops.post(other, "40").body()).isEqualTo("ok");
    assertThat(stops.poll("&sid=" + other).body()).startsWith("40{");
    assertThat(drain.isAlive()).isTrue();
  }

  @Test
  void nodeThatIsAboutToBeGoneLetsNoMorePollsWait() throws Exception {
    TestNode stops = cluster.node(1);
    String waits = connected();
    String comes = connected();
    ExecutorService background = Executors.newFixedThreadPool(2);
    Future<String> poll = background.submit(() -> stops.poll("&sid=" + waits).body());
    stops.awaitMetric("holdfast_node_requests_active 1.0");

    Future<?> drained = background.submit(stops.gateway()::drain);

    Awaiting.until(() -> polledAt(stops, comes) == 503);
    assertThat(polledAt(cluster.node(2), comes)).isEqualTo(200);
    cluster.node(0).post(waits, EVENT);
    assertThat(poll.get(20, TimeUnit.SECONDS)).contains(EVENT);
    drained.get(20, TimeUnit.SECONDS);
    background.shutdown();
  }

  private String connected() {
    TestNode home = cluster.node(0);
    String sid = home.openPolling();
    home.post(sid, "40");
    assertThat(home.poll("&sid=" + sid).body()).startsWith("40{");
    return sid;
  }

  /** The status of a poll that has something to say. */
  private int polledAt(TestNode node, String sid) {
    cluster.node(0).post(sid, EVENT);
    return node.poll("&sid=" + sid).statusCode();
  }

  @Test
  void pollThatIsGivenUpIsGivenUpThereToo() throws Exception {
    String sid = cluster.node(0).openPolling();
    try (Socket lost = new Socket(InetAddress.getLoopbackAddress(), cluster.node(1).port())) {
      String head = "GET /ws/socket.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\n";
      lost.getOutputStream().write((head + "Host: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      cluster.node(1).awaitMetric("holdfast_node_requests_active 1.0");
    }

    cluster.node(1).awaitMetric("holdfast_node_requests_total{result=\"client-gone\"} 1.0");
  }

  @Test
  void sidThatNobodyKnowsIsRefusedInOneWay() {
    String sid = cluster.node(0).openPolling();
    cluster.forget("a");

    assertThat(cluster.node(1).poll("&sid=" + sid).body()).isEqualTo(UNKNOWN);
    assertThat(cluster.node(1).poll("&sid=b.unknown").body()).isEqualTo(UNKNOWN);
    assertThat(cluster.node(1).poll("&sid=c.unknown").body()).isEqualTo(UNKNOWN);
    assertThat(cluster.node(1).poll("&sid=neverheard").body()).isEqualTo(UNKNOWN);
    assertThat(cluster.node(1).poll("&sid=127.0.0.1:80").body()).isEqualTo(UNKNOWN);
  }

  @Test
  void nodeThatIsGoneKnowsNoSid() throws Exception {
    String sid = cluster.node(0).openPolling();
    cluster.node(0).close();

    assertThat(cluster.node(1).poll("&sid=" + sid).body()).isEqualTo(UNKNOWN);
    assertThat(cluster.node(1).post(sid, "40").body()).isEqualTo(UNKNOWN);
    assertThatThrownBy(() -> cluster.node(1).webSocket(WEBSOCKET + sid, new TestClient()))
        .hasMessageContaining("WebSocketHandshakeException");
    cluster.node(1).awaitMetric("holdfast_node_requests_total{result=\"failed\"} 3.0");
  }

  @Test
  void nodeThatDoesNotAnswerKnowsNoSid() throws Exception {
    try (TestCluster impatient =
            TestCluster.of(1, "socketio.ping-interval", "1s", "socketio.ping-timeout", "1s");
        ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      impatient.register("z", (InetSocketAddress) silent.getLocalSocketAddress());

      assertThat(impatient.node(0).poll("&sid=z.1").body()).isEqualTo(UNKNOWN);
    }
  }

  @Test
  void signatureIsOnlyTakenOnce() throws Exception {
    TestNode home = cluster.node(1);
    String query = "EIO=4&transport=polling";
    NodeTrust trust = cluster.trust("a");
    SignedRequest.Client client =
        new SignedRequest.Client("192.0.2.1", false, "192.0.2.1", "http", "h");
    String header =
        new SignedRequest("GET", "/ws/socket.io/?" + query, client)
            .sign(trust, cluster.start("b"))
            .orElseThrow();

    assertThat(status(home, query, header)).isEqualTo(200);
    assertThat(status(home, query, header)).isEqualTo(403);
    home.awaitMetric("holdfast_node_requests_refused_total{reason=\"replayed\"} 1.0");
  }

  @Test
  void onlyTheSignedRequestIsTaken() throws Exception {
    NodeTrust trust = cluster.trust("a");
    String query = "EIO=4&transport=polling";
    SignedRequest.Client client =
        new SignedRequest.Client("192.0.2.1", false, "192.0.2.1", "http", "h");
    SignedRequest signedRequest = new SignedRequest("GET", "/ws/socket.io/?" + query, client);
    Incarnation target = cluster.start("b");
    TestNode home = cluster.node(1);

    assertThat(status(home, query + "&t=1", signedRequest.sign(trust, target).orElseThrow()))
        .isEqualTo(403);
    assertThat(status(cluster.node(2), query, signedRequest.sign(trust, target).orElseThrow()))
        .isEqualTo(403);
    assertThat(status(home, query, "u 192.0.2.1 a run 1 1 b/first forged")).isEqualTo(403);
    assertThat(status(home, query, "-")).isEqualTo(403);
    home.awaitMetric("holdfast_node_requests_refused_total{reason=\"forged\"} 3.0");
    cluster.node(2).awaitMetric("holdfast_node_requests_refused_total{reason=\"foreign\"} 1.0");
  }

  @Test
  void headerIsRefusedOnAllOtherPathsToo() throws Exception {
    NodeTrust trust = cluster.trust("a");
    SignedRequest.Client client =
        new SignedRequest.Client("192.0.2.1", false, "192.0.2.1", "http", "h");
    SignedRequest signedRequest = new SignedRequest("GET", "/api/version?", client);

    int status =
        send(
            cluster.node(1),
            "/api/version",
            signedRequest.sign(trust, cluster.start("b")).orElseThrow());

    assertThat(status).isEqualTo(403);
    cluster.node(1).awaitMetric("holdfast_refused_total{reason=\"node-signature\"} 1.0");
  }

  @Test
  void nodeThatIsRegisteredAtAnotherOnesAddressMakesNoLoop() {
    cluster.register("z", cluster.node(0).gateway().address());

    assertThat(cluster.node(0).poll("&sid=z.1").statusCode()).isEqualTo(403);
    assertThat(cluster.node(1).poll("&sid=z.1").statusCode()).isEqualTo(403);
  }

  private static int status(TestNode node, String query, String header) {
    return send(node, "/ws/socket.io/?" + query, header);
  }

  private static int send(TestNode node, String target, String header) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(node.engine("").resolve(target))
            .header(SignedRequest.HEADER, header)
            .header("X-Forwarded-For", "192.0.2.1")
            .header("X-Forwarded-Proto", "http")
            .header("X-Forwarded-Host", "h");
    return node.send(request).statusCode();
  }
}
