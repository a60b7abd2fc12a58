package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a browser sees it, through the gateway. */
class DemoIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Demo demo;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    demo = Demo.start(0, Map.of("XDG_RUNTIME_DIR", directory.toString()));
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  @Test
  void pageAndItsScriptAreServed() throws Exception {
    HttpResponse<String> page = get("/");
    HttpResponse<String> script = get("/socket.io.min.js");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).get().asString().startsWith("text/html");
    assertThat(page.body())
        .contains("<title>Holdfast demo</title>", "socket.io.min.js")
        .contains("Cut my connection", "Go offline 10 s", "Restart the upstream");
    assertThat(script.body()).startsWith("/*!\n * Socket.IO v4.");
  }

  @Test
  void wordsArriveInOrder() throws Exception {
    try (Socket socket = connected(demo.page())) {
      socket.send("42[\"words\",{\"count\":25}]");

      for (int number = 0; number < 25; number++) {
        assertThat(socket.next()).startsWith("42[\"word\"," + number + ",");
      }
      assertThat(socket.next()).isEqualTo("42[\"done\",25]");
    }
  }

  @Test
  void restartOfTheUpstreamClosesNoConnectionAndLosesNoWord() throws Exception {
    String join = "42[\"words\",{\"stream\":\"kept\",\"count\":60}]";
    try (Socket socket = connected(demo.page())) {
      socket.send(join);
      assertThat(socket.next()).startsWith("42[\"word\",0,");
      assertThat(restart()).isEqualTo(202);

      for (int number = 1; number < 60; number++) {
        String packet = socket.next();
        if (packet.startsWith("40{\"sid\":")) {
          socket.send(join);
          packet = socket.next();
        }
        assertThat(packet).startsWith("42[\"word\"," + number + ",");
      }
      assertThat(socket.next()).isEqualTo("42[\"done\",60]");
    }
  }

  @Test
  void wordsOfACutConnectionArriveAfterTheResume() throws Exception {
    String connected;
    String offset;
    int seen = 0;
    try (Socket cut = Socket.open(CLIENT, demo.page())) {
      cut.next();
      cut.send("40");
      connected = cut.next();
      cut.send("42[\"words\",{\"count\":60}]");
      for (; cut.offset().isEmpty() || seen < 3; seen++) {
        assertThat(cut.next()).startsWith("42[\"word\"," + seen + ",");
      }
      offset = cut.offset();
    }

    String pid = connected.replaceFirst(".*\"pid\":\"([^\"]+)\".*", "$1");
    try (Socket again = Socket.open(CLIENT, demo.page())) {
      again.next();
      again.send("40{\"pid\":\"%s\",\"offset\":\"%s\"}".formatted(pid, offset));
      assertThat(again.next()).isEqualTo(connected);
      String first = again.next();
      int number = Integer.parseInt(first.split(",", 3)[1]);
      assertThat(number).isPositive();
      for (number++; number < 60; number++) {
        assertThat(again.next()).startsWith("42[\"word\"," + number + ",");
      }
      assertThat(again.next()).isEqualTo("42[\"done\",60]");
    }
  }

  @Test
  void streamThatIsJoinedTwiceReachesBoth() throws Exception {
    String join = "42[\"words\",{\"stream\":\"shared\",\"count\":20}]";
    try (Socket one = connected(demo.page());
        Socket other = connected(demo.page())) {
      one.send(join);
      assertThat(one.next()).startsWith("42[\"word\",0,");
      other.send(join);

      assertThat(other.next()).startsWith("42[\"word\",").doesNotContain(",0,");
      assertThat(one.next()).startsWith("42[\"word\",1,");
    }
  }

  @Test
  void echoIsAcknowledged() throws Exception {
    try (Socket socket = connected(demo.page())) {
      socket.send("427[\"echo\",\"grüße\",{\"a\":[1]}]");

      assertThat(socket.next()).isEqualTo("437[\"grüße\",{\"a\":[1]}]");
    }
  }

  @Test
  void uploadArrivesWhole() throws Exception {
    HttpRequest upload =
        HttpRequest.newBuilder(demo.page().resolve("/api/upload"))
            .POST(BodyPublishers.ofByteArray(new byte[3_000_000]))
            .build();

    HttpResponse<String> answer = CLIENT.send(upload, BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo(
            "{\"bytes\":3000000,\"sha256\":"
                + "\"35bce4eae54ec8e6cc2868baa8d157914d6ae2858811b4cc0c078c94460fa26f\"}");
  }

  @Test
  void gatewayFindsItsUpstreamFit() {
    String page = "http://" + demo.page().getAuthority();

    assertThat(Ran.command("check", "--upstream", page).out()).contains("all is well");
    assertThat(Ran.command("health", "--ready", "--admin", demo.admin().toString()).code())
        .isZero();
  }

  private static int restart() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(demo.page().resolve("/api/restart"))
            .POST(BodyPublishers.noBody())
            .build();
    return CLIENT.send(request, BodyHandlers.discarding()).statusCode();
  }

  private static Socket connected(URI server) throws InterruptedException {
    Socket socket = Socket.open(CLIENT, server);
    assertThat(socket.next()).startsWith("0{\"sid\":");
    socket.send("40");
    assertThat(socket.next()).startsWith("40{\"sid\":");
    return socket;
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI url = demo.page().resolve(path);
    return CLIENT.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }
}
