package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Registry;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.metrics.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** Which requests the admin port answers, in the bytes that browsers and programs send. */
class AccessIT {
  private static final String TOKEN = "0123456789abcdef";
  private static final String LINE = "\r\n";

  private final Metrics metrics = new Metrics();
  private XnioWorker worker;
  private HttpPort port;

  @BeforeEach
  void open() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 1).getMap());
    Settings admin =
        Settings.of(
            Map.of(
                "admin.listen", "127.0.0.1:0",
                "admin.token", TOKEN,
                "admin.failed-tries", "3",
                "admin.failed-tries-window", "1h"));
    Api api = new Api(Registry.of(LocalCluster.alone(new NodeId("a"))), Optional.empty());
    port = AdminPort.open(admin, Set.of("Node-A"), worker, metrics, List.of(), api);
  }

  @AfterEach
  void close() {
    port.close();
    worker.shutdown();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // Probes bring no token and any name, but are no web pages.
        "GET /metrics       | -                   | -        | -           | - | 400",
        "GET /metrics       | evil.example        | -        | -           | - | 200",
        "GET /healthz       | evil.example:9000   | -        | -           | - | 200",
        "HEAD /readyz        | 10.0.0.1            | -        | none        | - | 200",
        "GET /readyz        | x                   | http://x | -           | - | 403",
        "GET /metrics       | 127.0.0.1           | null     | -           | - | 403",
        "GET /metrics       | 127.0.0.1           | -        | cross-site  | - | 403",
        "GET /healthz       | 127.0.0.1           | -        | same-site   | - | 403",
        "POST /healthz       | 127.0.0.1           | -        | -           | - | 405",
        // What is no probe needs the token, whether it is there or not.
        "GET /api/v1/nodes  | 127.0.0.1           | -        | -           | - | 401",
        "GET /              | 127.0.0.1           | -        | -           | - | 401",
        "GET /metrics/      | 127.0.0.1           | -        | -           | - | 401",
        "GET /%6Detrics/x   | 127.0.0.1           | -        | -           | - | 401",
        "GET /              | 127.0.0.1           | -        | -           | t | 404",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | -           | t | 200",
        "POST /api/v1/kick   | 127.0.0.1           | -        | -           | - | 401",
        "POST /api/v1/kick   | 127.0.0.1           | -        | -           | t | 400",
        "OPTIONS /api/v1/nodes | 127.0.0.1         | http://x | cross-site  | - | 403",
        // Browsers: with or without the token, whatever the method.
        "GET /api/v1/nodes  | 127.0.0.1           | http://x | -           | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | null     | -           | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1:9000      | http://127.0.0.1:9000 | same-origin | t | 403",
        "POST /api/v1/kick   | 127.0.0.1           | http://x | cross-site  | t | 403",
        "POST /api/v1/kick   | 127.0.0.1           | -        | cross-site  | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | cross-site  | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | same-site   | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | Cross-Site  | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | what        | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | none        | t | 200",
        "GET /api/v1/nodes  | 127.0.0.1           | -        | same-origin | t | 200",
        // Names that nobody else can make resolve to this machine.
        "GET /api/v1/nodes  | 127.0.0.1:9000      | -        | -           | t | 200",
        "GET /api/v1/nodes  | 10.1.2.3:80         | -        | -           | t | 200",
        "GET /api/v1/nodes  | [::1]               | -        | -           | t | 200",
        "GET /api/v1/nodes  | [2001:db8::7]:9000  | -        | -           | t | 200",
        "GET /api/v1/nodes  | LocalHost:9000      | -        | -           | t | 200",
        "GET /api/v1/nodes  | node-a:9000         | -        | -           | t | 200",
        "GET /api/v1/nodes  | NODE-A              | -        | -           | t | 200",
        "GET /api/v1/nodes  | evil.example        | -        | -           | t | 403",
        "GET /api/v1/nodes  | evil.example:9000   | -        | none        | t | 403",
        "GET /api/v1/nodes  | evil.example        | -        | -           | - | 403",
        "GET /api/v1/nodes  | 127.0.0.1.evil.example | -     | -           | t | 403",
        "GET /api/v1/nodes  | localhost.evil.example | -     | -           | t | 403",
        "GET /api/v1/nodes  | evil.example:127.0.0.1 | -     | -           | t | 403",
        "GET /api/v1/nodes  | 127.0.0.1:evil.example | -     | -           | t | 403",
        "GET /api/v1/nodes  | node-a.evil.example | -        | -           | t | 403",
        "GET /api/v1/nodes  | 2130706433          | -        | -           | t | 403",
        "GET /api/v1/nodes  | 127.1               | -        | -           | t | 403",
        "GET /api/v1/nodes  | ::1                 | -        | -           | t | 403",
        "GET /api/v1/nodes  | [127.0.0.1]         | -        | -           | t | 403",
        "GET /api/v1/nodes  | [::1].evil.example  | -        | -           | t | 403",
        "GET /api/v1/nodes  | 999.0.0.1           | -        | -           | t | 403",
        "GET http://evil.example/api/v1/nodes | 127.0.0.1 | - | -          | t | 403",
      })
  void answerDependsOnWhoAsksForWhat(
      String request, String host, String origin, String site, String token, int status)
      throws IOException {
    StringBuilder head = new StringBuilder(request + " HTTP/1.1" + LINE);
    field(head, "Host", host);
    field(head, "Origin", origin);
    field(head, "Sec-Fetch-Site", site);
    field(head, "Authorization", token == null ? null : "Bearer " + TOKEN);

    String answer = send(head.toString());

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    if (status == 401 || status == 403) {
      assertThat(answer).containsPattern("\\{\"error\":\"[^\"]{20,}\"}$");
    }
  }

  private static void field(StringBuilder head, String name, @Nullable String value) {
    if (value != null) {
      head.append(name).append(": ").append(value).append(LINE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123456789abcde",
        "0123456789abcdeg",
        "0123456789abcdef0",
        "0123456789ABCDEF",
        "0123456789abcdef 0123456789abcdef",
        "\u00e9"
      })
  void otherTokenIsRefused(String token) throws IOException {
    assertThat(call("Bearer " + token)).startsWith("HTTP/1.1 401 ").contains("not that of this");
    assertThat(call("bearer " + TOKEN)).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {TOKEN, "Basic " + TOKEN, "Bearer", "Bearer" + TOKEN, ""})
  void tokenOfAnotherFormIsNoTry(String authorization) throws IOException {
    for (int i = 0; i < 4; i++) {
      assertThat(call(authorization))
          .startsWith("HTTP/1.1 401 ")
          .contains("WWW-Authenticate: Bearer", "a bearer token is required");
    }
  }

  @Test
  void whoHasUsedUpTheTriesHasToWaitEvenWithTheToken() throws IOException {
    for (int i = 0; i < 3; i++) {
      assertThat(call("Bearer wrong")).startsWith("HTTP/1.1 401 ");
    }

    assertThat(call("Bearer " + TOKEN))
        .startsWith("HTTP/1.1 429 ")
        .containsPattern("Retry-After: 3[56][0-9]{2}\r\n")
        .contains("admin.failed-tries");
    assertThat(send("GET /readyz HTTP/1.1" + LINE + "Host: x" + LINE)).startsWith("HTTP/1.1 200 ");
    assertThat(send("GET /metrics HTTP/1.1" + LINE + "Host: x" + LINE))
        .contains("holdfast_admin_refused_total{reason=\"wrong-token\"} 3.0")
        .contains("holdfast_admin_refused_total{reason=\"failed-tries\"} 1.0");
  }

  private String call(String authorization) throws IOException {
    return send(
        "GET /api/v1/nodes HTTP/1.1"
            + LINE
            + "Host: 127.0.0.1"
            + LINE
            + "Authorization: "
            + authorization
            + LINE);
  }

  /** A request without a body on a connection of its own, and all of the answer. */
  private String send(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.address().getPort())) {
      String request = head + "Connection: close" + LINE + LINE;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
