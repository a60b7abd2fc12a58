package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients that are no browsers see of us, and how long they are waited for. */
final class ProgramIT {
  private static final String QUERY = "EIO=4&transport=websocket";
  private static final String BROWSER = "Mozilla/5.0 (X11; Linux x86_64)";

  private final List<TestNode> nodes = new ArrayList<>();

  private void start(String mode) throws Exception {
    nodes.add(TestNode.with("resume.mode", mode));
  }

  private TestNode node() {
    return nodes.get(0);
  }

  @AfterEach
  void stop() {
    nodes.forEach(TestNode::close);
  }

  private static String pidOf(String reply) {
    return reply.replaceFirst(".*\"pid\":\"([^\"]+)\".*", "$1");
  }

  /** A client and what it got. */
  private record Program(WebSocket socket, TestClient client, String reply) {
    /** Asks for an event, and says everything that came until then. */
    List<String> echo(int number) throws InterruptedException {
      socket.sendText("42[\"e\"," + number + "]", true).join();
      List<String> came = new ArrayList<>();
      while (came.isEmpty() || !came.get(came.size() - 1).startsWith("42[\"e\"," + number)) {
        came.add(client.text());
      }
      return came;
    }
  }

  private Program connect(boolean origin, String agent, String payload) throws Exception {
    WebSocket.Builder builder = node().webSocketBuilder().header("User-Agent", agent);
    if (origin) {
      builder.header("Origin", "http://127.0.0.1:" + node().port());
    }
    TestClient client = new TestClient();
    WebSocket socket = node().webSocket(QUERY, client, builder);
    assertThat(client.text()).startsWith("0{");
    socket.sendText("40" + payload, true).join();
    return new Program(socket, client, client.text());
  }

  private Program connect(String payload) throws Exception {
    return connect(false, "Java-http-client/17", payload);
  }

  @ParameterizedTest
  @CsvSource({
    "auto, true, Mozilla/5.0, argument",
    "auto, true, okhttp/4, marker",
    // A page that polls its own host names no origin.
    "auto, false, Mozilla/5.0, marker",
    "auto, false, okhttp/4, nothing",
    "auto, false, '', nothing",
    "marker, false, okhttp/4, marker",
    "argument, false, okhttp/4, argument"
  })
  void clientIsToldItsOffsetsAsItCanBear(String mode, boolean origin, String agent, String how)
      throws Exception {
    start(mode);
    Program program = connect(origin, agent, "");

    List<String> came = program.echo(1);
    came.addAll(program.echo(2));

    boolean markers = came.stream().anyMatch(packet -> packet.startsWith("42[\"~o\""));
    boolean arguments = came.stream().anyMatch(packet -> packet.matches("42\\[\"e\",\\d,.*"));
    assertThat(program.reply()).contains("\"pid\"");
    assertThat(markers).isEqualTo(how.equals("marker") || how.equals("argument"));
    assertThat(arguments).isEqualTo(how.equals("argument"));
  }

  @Test
  void programGetsMarkersOnceItHasResumed() throws Exception {
    start("auto");
    Program first = connect("");
    assertThat(first.echo(1)).containsExactly("42[\"e\",1]");
    first.socket().abort();

    Program back = connect("{\"pid\":\"" + pidOf(first.reply()) + "\"}");

    assertThat(back.reply()).isEqualTo(first.reply());
    List<String> came = back.echo(2);
    assertThat(came.get(0)).startsWith("42[\"~o\"");
    // It has not confirmed the first one.
    assertThat(came).contains("42[\"e\",1]").endsWith("42[\"e\",2]");
    assertThat(back.client().text()).startsWith("42[\"~o\"");
  }

  @Test
  void programThatNeverResumesIsParkedNoMore() throws Exception {
    start("auto");
    for (int cuts = 1; cuts <= 3; cuts++) {
      loseConnection();
      node().awaitMetric("holdfast_sessions_parked " + cuts + ".0");
    }
    assertThat(notParked(0)).isTrue();

    loseConnection();
    node().awaitMetric("holdfast_sessions_not_parked_total 1.0");
    node().awaitMetric("holdfast_sessions 3.0");

    Program last = loseConnection();
    node().awaitMetric("holdfast_sessions_not_parked_total 2.0");
    // It names a pid, and so it can resume.
    Program back = connect("{\"pid\":\"" + pidOf(last.reply()) + "\"}");
    assertThat(back.reply()).contains("\"pid\"").isNotEqualTo(last.reply());
    back.socket().abort();
    node().awaitMetric("holdfast_sessions_parked 4.0");
    assertThat(notParked(2)).isTrue();
  }

  @Test
  void pageThatIsLoadedAgainAndAgainIsWaitedFor() throws Exception {
    start("auto");
    for (int cuts = 1; cuts <= 6; cuts++) {
      Program page = connect(true, BROWSER, "");
      page.echo(cuts);
      page.socket().abort();
      node().awaitMetric("holdfast_sessions_parked " + cuts + ".0");
    }
  }

  private Program loseConnection() throws Exception {
    Program program = connect("");
    program.echo(1);
    program.socket().abort();
    return program;
  }

  private boolean notParked(int sessions) {
    return node()
        .admin("/metrics")
        .body()
        .lines()
        .anyMatch(line -> line.equals("holdfast_sessions_not_parked_total " + sessions + ".0"));
  }
}
