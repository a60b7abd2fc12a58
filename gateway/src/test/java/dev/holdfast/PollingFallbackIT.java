package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.time.Awaiting;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is told by {@code /api/config} to begin with polling. */
class PollingFallbackIT {
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final String ON = "{\"status\":true,\"features\":{\"enable_websocket\":true}}";
  private static final String OFF =
      ON.replace("{\"enable_websocket\":true", "{\"enable_websocket\":false");

  private final List<TestNode> started = new ArrayList<>();

  @AfterEach
  void stop() {
    started.forEach(TestNode::close);
  }

  private void start(String... settings) throws Exception {
    TestNode node = TestNode.with(settings);
    // Once its own question is answered: what says so is Open WebUI, and moves sessions as that.
    node.configuration(ON);
    started.add(node);
  }

  private TestNode node() {
    return started.get(0);
  }

  private HttpResponse<String> get(URI uri, String agent, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("User-Agent", agent);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return node().send(request);
  }

  private String config(String agent, String... headers) {
    URI uri = URI.create("http://127.0.0.1:" + node().port() + "/api/config");
    HttpResponse<String> answer = get(uri, agent, headers);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Length"))
        .contains(String.valueOf(answer.body().length()));
    return answer.body();
  }

  /** As it arrives behind a proxy that does not know WebSocket. */
  private void handshakeWithoutUpgrade(String agent, String... headers) {
    HttpResponse<String> answer = get(node().engine("EIO=4&transport=websocket"), agent, headers);
    assertThat(answer.statusCode()).isEqualTo(400);
  }

  private WebSocket webSocket(String agent, String... headers) throws Exception {
    TestClient client = new TestClient();
    WebSocket.Builder builder = node().webSocketBuilder().header("User-Agent", agent);
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    WebSocket socket = node().webSocket("EIO=4&transport=websocket", client, builder);
    assertThat(client.text()).startsWith("0{");
    return socket;
  }

  private static String[] cookie(String user) {
    String token = JWT.create().withClaim("id", user).sign(Algorithm.HMAC256(SECRET));
    return new String[] {"Cookie", "token=" + token};
  }

  @Test
  void handshakeWithoutUpgradeIsNoticedAndAWebSocketClearsIt() throws Exception {
    start();
    assertThat(config("office")).isEqualTo(ON);

    handshakeWithoutUpgrade("office");

    assertThat(config("office")).isEqualTo(OFF);
    assertThat(config("another browser")).isEqualTo(ON);
    node().awaitMetric("holdfast_polling_fallback_clients_total{reason=\"no-upgrade\"} 1.0");
    node().awaitMetric("holdfast_polling_fallback_replies_total{result=\"rewritten\"} 1.0");
    webSocket("office");
    assertThat(config("office")).isEqualTo(ON);
  }

  @Test
  void upgradeFromPollingClearsItAndOneThatIsRefusedDoesNot() throws Exception {
    start();
    String sid = node().openPolling();
    String probe = "EIO=4&transport=websocket&sid=" + sid;
    get(node().engine(probe), "office");
    assertThat(config("office")).isEqualTo(OFF);

    node()
        .webSocket(
            probe, new TestClient(), node().webSocketBuilder().header("User-Agent", "office"));

    assertThat(config("office")).isEqualTo(ON);
  }

  @Test
  void verifiedUserIsOneClientWithAnyBrowser() throws Exception {
    start("auth.secret-key", SECRET);
    handshakeWithoutUpgrade("a", cookie("ada"));

    assertThat(config("b", cookie("ada"))).isEqualTo(OFF);
    assertThat(config("a", cookie("bob"))).isEqualTo(ON);
    assertThat(config("a")).isEqualTo(ON);
    assertThat(config("a", "Cookie", "token=forged.by.somebody")).isEqualTo(ON);
    webSocket("c", cookie("ada"));
    assertThat(config("b", cookie("ada"))).isEqualTo(ON);
  }

  @Test
  void pagesWithoutHandshakeAreNoticedButNotWhileAWebSocketIsOpen() throws Exception {
    start("openwebui.polling-wait", "1s");
    WebSocket open = webSocket("lucky");

    Awaiting.until(
        () -> {
          assertThat(config("lucky")).isEqualTo(ON);
          return config("silent").equals(OFF);
        });

    node().awaitMetric("holdfast_polling_fallback_clients_total{reason=\"no-handshake\"} 1.0");
    open.abort();
    Awaiting.until(() -> config("lucky").equals(OFF));
  }

  @ParameterizedTest
  @CsvSource({
    "auto, '', true, false",
    "auto, 127.0.0.0/8, false, false",
    "auto, '192.0.2.0/24,2001:db8::/32', true, false",
    "on, '', false, false",
    "off, '', true, true",
    "off, 127.0.0.0/8, true, true",
  })
  void settingsDecide(String use, String networks, boolean before, boolean after) throws Exception {
    start("openwebui.polling-fallback", use, "openwebui.polling-networks", networks);

    assertThat(config("office")).isEqualTo(before ? ON : OFF);
    handshakeWithoutUpgrade("office");
    assertThat(config("office")).isEqualTo(after ? ON : OFF);
  }

  @Test
  void addressIsTheOneThatATrustedProxyTells() throws Exception {
    start("proxy.trusted-proxies", "127.0.0.1", "openwebui.polling-networks", "192.0.2.0/24");

    assertThat(config("a", "X-Forwarded-For", "192.0.2.7")).isEqualTo(OFF);
    assertThat(config("a", "X-Forwarded-For", "198.51.100.7")).isEqualTo(ON);
  }

  @Test
  void otherAnswersPassAndAreCounted() throws Exception {
    start("openwebui.polling-fallback", "on");
    URI refused = URI.create("http://127.0.0.1:" + node().port() + "/api/config?status=401");

    assertThat(get(refused, "a").statusCode()).isEqualTo(401);

    assertThat(get(refused, "a").body()).isEqualTo(ON);
    node().awaitMetric("holdfast_polling_fallback_replies_total{result=\"status\"} 2.0");
  }
}
