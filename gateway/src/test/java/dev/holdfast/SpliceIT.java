package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Awaiting;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come back to another node than the one that their session lives on. */
class SpliceIT {
  private static final String WEBSOCKET = "EIO=4&transport=websocket";

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.of(3, "resume.mode", "argument", "upstream.health-interval", "500ms");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyStepOfEveryTransportMayArriveAtAnyNode(long seed) throws Exception {
    Random random = new Random(seed);
    RoamingClient client = new RoamingClient(cluster, random);
    client.comeIn(random.nextBoolean());
    String sid = client.sid();

    for (int round = 0; round < 6; round++) {
      client.exchange(5);
      client.loseConnection(random.nextInt(5));
      client.comeIn(random.nextBoolean());
      assertThat(client.sid()).as("seed %s, round %s", seed, round).isEqualTo(sid);
    }
    client.exchange(5);

    assertThat(client.handled())
        .as("seed %s", seed)
        .containsExactlyElementsOf(IntStream.range(0, 35).boxed().toList());
  }

  @Test
  void clientGetsItsConnectReplyAndThenWhatItMissed() throws Exception {
    Phone first = open(0);
    String reply = first.connect("");
    first.say("42[\"one\"]");
    String one = first.client.message();
    first.say("42[\"two\"]");
    first.client.message();
    first.socket.abort();

    Phone second = open(1);
    second.say("40{\"pid\":\"" + pidOf(reply) + "\",\"offset\":\"" + offsetOf(one) + "\"}");

    assertThat(second.client.message()).isEqualTo(reply);
    assertThat(second.client.message()).startsWith("42[\"two\",");
    cluster.node(1).awaitMetric("holdfast_splices 1.0");
    cluster.node(0).awaitMetric("holdfast_transports{kind=\"node\"} 1.0");
    cluster.node(0).awaitMetric("holdfast_resumes_total{result=\"recovered\"} 1.0");
  }

  @Test
  void splicedClientCountsOnceAmongThoseOfItsAddress() throws Exception {
    try (TestCluster two = TestCluster.of(2, "limits.connections-per-address", "2")) {
      Phone first = open(two, 0);
      String reply = first.connect("");
      first.socket.abort();
      two.node(0).awaitMetric("holdfast_sessions_parked 1.0");
      assertThat(open(two, 1).connect("{\"pid\":\"" + pidOf(reply) + "\"}")).isEqualTo(reply);

      // Node 1 hears a moment later that the client has left node 0.
      Awaiting.until(() -> two.node(1).poll("").statusCode() == 200);
      assertThat(two.node(1).poll("").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void nodeOfTheSessionPingsTheClientAndHearsItsPongs() throws Exception {
    try (TestCluster lively = TestCluster.of(2, "socketio.ping-interval", "1s")) {
      String pid = pidOf(open(lively, 0).connect(""));
      Phone away = open(lively, 1);
      away.connect("{\"pid\":\"" + pid + "\"}");
      away.say("42[\"event\"]");
      assertThat(away.messageWithPong()).startsWith("42[\"event\"");

      away.say("3");
      away.answerPing();

      lively.node(0).awaitMetric("holdfast_events_delivered_total 1.0");
    }
  }

  @Test
  void pongToAPingOfTheFirstNodeGoesNoFurther() throws Exception {
    try (TestCluster impatient =
        TestCluster.of(2, "socketio.ping-interval", "1s", "socketio.ping-timeout", "2s")) {
      Phone first = open(impatient, 0);
      String pid = pidOf(first.connect(""));
      Phone away = open(impatient, 1);
      assertThat(away.client.text()).isEqualTo("2");

      away.connect("{\"pid\":\"" + pid + "\"}");
      away.say("3");

      // It answers no ping of the session's own node.
      assertThat(away.client.closed()).isEqualTo("1000 ping-timeout");
      impatient.node(0).awaitTransportClosed("ping-timeout");
      impatient.node(1).awaitTransportClosed("ping-timeout");
    }
  }

  @Test
  void closeCodesPassEndToEnd() throws Exception {
    String pid = pidOf(open(0).connect(""));
    Phone away = open(1);
    away.connect("{\"pid\":\"" + pid + "\"}");

    away.say("4nonsense");

    assertThat(away.client.closed()).startsWith("1002");
    cluster.node(0).awaitTransportClosed("protocol-error");
    cluster.node(1).awaitTransportClosed("protocol-error");
  }

  @Test
  void whatTheClientSaysAtItsEndReachesTheSession() throws Exception {
    String pid = pidOf(open(0).connect(""));
    Phone away = open(1);
    away.connect("{\"pid\":\"" + pid + "\"}");

    away.say("1");

    cluster.node(0).awaitTransportClosed("client-closed");
    cluster.node(0).awaitMetric("holdfast_sessions_parked 1.0");
  }

  @Test
  void upgradeMayComeWhileSpliced() throws Exception {
    String pid = pidOf(open(0).connect(""));
    String engine = cluster.node(1).openPolling();
    cluster.node(0).post(engine, "40{\"pid\":\"" + pid + "\"}");
    assertThat(cluster.node(2).poll("&sid=" + engine).body()).startsWith("40{");
    TestClient client = new TestClient();

    WebSocket socket = cluster.node(2).webSocket(WEBSOCKET + "&sid=" + engine, client);
    socket.sendText("2probe", true).join();
    assertThat(client.text()).isEqualTo("3probe");
    socket.sendText("5", true).join();
    socket.sendText("42[\"event\"]", true).join();

    assertThat(client.message()).startsWith("42[\"event\"");
    cluster.node(1).awaitMetric("holdfast_transports{kind=\"websocket\"} 1.0");
  }

  @Test
  void sessionParksWhenTheSpliceIsCutAndGoesOn() throws Exception {
    try (TcpRelay relay = new TcpRelay(cluster.node(0).gateway().address())) {
      String reply = open(0).connect("");
      cluster.register("a", relay.address());
      Phone away = open(1);
      away.connect("{\"pid\":\"" + pidOf(reply) + "\"}");

      relay.cut();

      assertThat(away.client.closed()).isEqualTo("1012 node-lost");
      cluster.node(0).awaitMetric("holdfast_sessions_parked 1.0");
      assertThat(open(2).connect("{\"pid\":\"" + pidOf(reply) + "\"}")).isEqualTo(reply);
    }
  }

  @Test
  void sessionThatWaitsForAnUpstreamIsThereForOtherNodesToo() throws Exception {
    Phone first = open(0);
    String reply = first.connect("");
    first.socket.abort();
    cluster.node(0).awaitMetric("holdfast_sessions_parked 1.0");
    cluster.node(0).loseUpstream();

    assertThat(open(1).connect("{\"pid\":\"" + pidOf(reply) + "\"}")).isEqualTo(reply);
  }

  @Test
  void clientOfANodeThatIsGoneStartsAfresh() throws Exception {
    String reply = open(0).connect("");
    cluster.node(0).close();

    String fresh = open(1).connect("{\"pid\":\"" + pidOf(reply) + "\"}");

    assertThat(pidOf(fresh)).startsWith("b.");
    cluster.node(1).awaitMetric("holdfast_splices_asked_total{result=\"refused\"} 1.0");
    cluster.forget("a");
    assertThat(pidOf(open(2).connect("{\"pid\":\"" + pidOf(reply) + "\"}"))).startsWith("c.");
  }

  @Test
  void clientThatIsRefusedThereStartsAfreshHere() throws Exception {
    Phone away = open(1);
    away.say("40{\"pid\":\"a.unknown\"}");
    away.say("42[\"event\"]");

    assertThat(pidOf(away.client.message())).startsWith("b.");
    assertThat(away.client.message()).startsWith("42[\"event\"");
    cluster.node(1).awaitMetric("holdfast_splices_asked_total{result=\"refused\"} 1.0");
    cluster.node(0).awaitMetric("holdfast_resumes_total{result=\"unknown\"} 1.0");
    cluster.node(0).awaitTransportClosed("not-resumed");
  }

  @Test
  void clientOfAPollingTransportThatIsRefusedStartsAfreshHere() throws Exception {
    String engine = cluster.node(1).openPolling();
    cluster.node(2).post(engine, "40{\"pid\":\"a.unknown\"}\u001e42[\"event\"]");

    String polled = "";
    while (!polled.contains("42[\"event\"")) {
      polled += cluster.node(0).poll("&sid=" + engine).body();
    }

    assertThat(pidOf(polled)).startsWith("b.");
  }

  @Test
  void foreignClientGetsNoSessionOfAnother() throws Exception {
    String reply = open(0).connect("{\"token\":\"mine\"}");

    String other = open(1).connect("{\"pid\":\"" + pidOf(reply) + "\",\"token\":\"yours\"}");

    assertThat(pidOf(other)).startsWith("b.");
    cluster.node(0).awaitMetric("holdfast_resumes_total{result=\"foreign\"} 1.0");
  }

  @Test
  void transportIsClosedWhenTheOtherNodeDoesNotAnswer() throws Exception {
    try (TestCluster impatient = TestCluster.of(2, "upstream.handshake-timeout", "2s");
        ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      impatient.register("z", (InetSocketAddress) silent.getLocalSocketAddress());
      Phone away = open(impatient, 1);

      away.say("40{\"pid\":\"z.unknown\"}");

      assertThat(away.client.closed()).isEqualTo("1013 node-timeout");
      impatient.node(1).awaitMetric("holdfast_splices_asked_total{result=\"timeout\"} 1.0");
    }
  }

  @Test
  void spliceGoesNoFurtherThanOneHop() throws Exception {
    String pid = pidOf(open(0).connect(""));
    // Whoever looks for a finds b, which would have to ask again.
    cluster.register("a", cluster.node(1).gateway().address());

    assertThat(pidOf(open(2).connect("{\"pid\":\"" + pid + "\"}"))).startsWith("c.");
    assertThat(pidOf(open(1).connect("{\"pid\":\"" + pid + "\"}"))).startsWith("b.");
  }

  @Test
  void clientComesBackWhileNobodyCanSayWhereItsSessionIs() throws Exception {
    cluster.forgetMoves(Duration.ofSeconds(14));
    Phone away = open(1);
    away.say("40{\"pid\":\"a.unknown\"}");

    assertThat(away.client.closed()).isEqualTo("1013 node-timeout");
  }

  @Test
  void registryThatIsAwayForLongIsGivenUpLikeANode() throws Exception {
    cluster.forgetMoves(Duration.ofSeconds(15));

    assertThat(pidOf(open(1).connect("{\"pid\":\"a.unknown\"}"))).startsWith("b.");
  }

  @Test
  void longAnswersPassWhole() throws Exception {
    String pid = pidOf(open(0).connect(""));
    Phone away = open(1);
    away.connect("{\"pid\":\"" + pid + "\"}");

    away.say("42[\"flood\",5000]");

    for (int i = 0; i < 5000; i++) {
      assertThat(away.messageWithPong()).hasSizeGreaterThan(1024);
    }
  }

  @Test
  void clientThatDoesNotReadCostsItsOwnSplice() throws Exception {
    try (TestCluster strict = TestCluster.of(2, "limits.slow-transport", "300ms");
        Socket deaf = new Socket(InetAddress.getLoopbackAddress(), strict.node(1).port())) {
      String pid = pidOf(open(strict, 0).connect(""));
      deaf.setReceiveBufferSize(4096);
      OutputStream out = deaf.getOutputStream();
      String head =
          "GET /ws/socket.io/?" + WEBSOCKET + " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket";
      out.write(
          (head
                  + "\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                  + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(TextFrame.masked("40{\"pid\":\"" + pid + "\"}"));
      strict.node(1).awaitMetric("holdfast_splices 1.0");
      out.write(TextFrame.masked("42[\"flood\",20000]"));

      strict.node(1).awaitTransportClosed("slow-transport");
      strict.node(1).awaitMetric("holdfast_splices 0.0");
      strict.node(0).awaitMetric("holdfast_transports{kind=\"node\"} 0.0");
    }
  }

  private Phone open(int node) throws InterruptedException {
    return open(cluster, node);
  }

  private static Phone open(TestCluster nodes, int node) throws InterruptedException {
    TestClient client = new TestClient();
    WebSocket socket = nodes.node(node).webSocket(WEBSOCKET, client);
    assertThat(client.text()).startsWith("0{");
    return new Phone(socket, client);
  }

  private static String pidOf(String reply) {
    return reply.replaceFirst("(?s).*\"pid\":\"([^\"]+)\".*", "$1");
  }

  private static String offsetOf(String event) {
    return event.replaceFirst(".*\"([^\"]+)\"\\]$", "$1");
  }

  /** A WebSocket and what it brings. */
  private record Phone(WebSocket socket, TestClient client) {
    void say(String packet) {
      socket.sendText(packet, true).join();
    }

    String connect(String payload) throws InterruptedException {
      say("40" + payload);
      return client.message();
    }

    void answerPing() throws InterruptedException {
      while (!client.text().equals("2")) {
        // Events come before it.
      }
      say("3");
    }

    String messageWithPong() throws InterruptedException {
      String text = client.text();
      while (text.equals("2") || text.startsWith("42[\"~o\"")) {
        if (text.equals("2")) {
          say("3");
        }
        text = client.text();
      }
      return text;
    }
  }
}
