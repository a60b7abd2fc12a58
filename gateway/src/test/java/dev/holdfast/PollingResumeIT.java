package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that polls loses single requests: whatever it says then, its session goes on. */
final class PollingResumeIT {
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    node = TestNode.with();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void clientThatClosesItsTransportMayComeBack() {
    String engine = node.openPolling();
    String reply = connect(engine, "");

    // What engine.io-client says after a request of it has failed.
    node.post(engine, "1");

    assertThat(resume(reply)).isEqualTo(sidOf(reply));
  }

  @Test
  void clientWhosePostWasLostMayComeBack() throws IOException {
    String engine = node.openPolling();
    String reply = connect(engine, "");
    try (Socket lost = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      String head =
          "POST /ws/socket.io/?EIO=4&transport=polling&sid="
              + engine
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n3";
      lost.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      lost.getOutputStream().flush();
      awaitRefusal(engine);

      assertThat(resume(reply)).isEqualTo(sidOf(reply));
    }
  }

  @Test
  void clientWhoseGetIsRepeatedComesBackForWhatTheLostAnswerHad() throws Exception {
    String engine = node.openPolling();
    String reply = connect(engine, "");
    node.post(engine, "42[\"echo\",1]");
    assertThat(node.poll("&t=b&sid=" + engine).body()).contains("echo");

    // A load balancer that has not got all of the answer asks once more.
    assertThat(node.poll("&t=b&sid=" + engine).statusCode()).isEqualTo(400);

    node.awaitTransportClosed("client-lost");
    assertThat(resume(reply)).isEqualTo(sidOf(reply));
  }

  @Test
  void postThatIsRepeatedIsHandledOnce() {
    String engine = node.openPolling();
    connect(engine, "");

    for (String t : List.of("a", "a", "b")) {
      assertThat(node.post(engine + "&t=" + t, "42[\"echo\",\"" + t + "\"]").body())
          .isEqualTo("ok");
    }

    String echoes = node.poll("&t=c&sid=" + engine).body();
    while (!echoes.contains("\"b\"")) {
      echoes += node.poll("&t=d" + echoes.length() + "&sid=" + engine).body();
    }
    assertThat(echoes.split("\"a\"", -1)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void whatTheUpstreamSaidLastReachesAClientThatPollsLater(String mode) throws Exception {
    try (TestNode other = TestNode.with("resume.mode", mode)) {
      String engine = other.openPolling();
      connect(other, engine, "");

      other.post(engine, "42[\"bye\"]");
      other.awaitTransportClosed("upstream-closed");

      assertThat(other.poll("&sid=" + engine).body()).endsWith("41");
      assertThat(other.poll("&sid=" + engine).body()).isEqualTo("1");
      assertThat(other.poll("&sid=" + engine).statusCode()).isEqualTo(400);
    }
  }

  /** The POST that is lost is there as soon as another one is refused. */
  private void awaitRefusal(String engine) {
    int status = 200;
    while (status == 200) {
      status = node.post(engine, "3").statusCode();
    }
    assertThat(status).isEqualTo(400);
  }

  private String resume(String reply) {
    String pid = reply.replaceFirst(".*\"pid\":\"([^\"]+)\".*", "$1");
    return sidOf(connect(node.openPolling(), "{\"pid\":\"" + pid + "\"}"));
  }

  /** The answer to a CONNECT with this payload. */
  private String connect(String engine, String payload) {
    return connect(node, engine, payload);
  }

  private static String connect(TestNode to, String engine, String payload) {
    to.post(engine, "40" + payload);
    String polled = "";
    while (!polled.contains("40{")) {
      polled = to.poll("&sid=" + engine).body();
    }
    return polled;
  }

  private static String sidOf(String reply) {
    return reply.replaceFirst(".*\"sid\":\"([^\"]+)\".*", "$1");
  }
}
