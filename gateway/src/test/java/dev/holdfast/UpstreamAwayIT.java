package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.time.Awaiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests meet while the upstream is stopped, and when it is started again. */
class UpstreamAwayIT {
  private final HttpClient http = HttpClient.newHttpClient();
  private EchoUpstream upstream = new EchoUpstream(FreePort.find());
  private final URI place = upstream.uri();

  // Each test starts its own, with its settings.
  @SuppressWarnings("NullAway.Init")
  private Gateway gateway;

  @AfterEach
  void stop() {
    gateway.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS"})
  void safeRequestWaitsForTheUpstreamToComeBack(String method) throws Exception {
    start(Map.of());
    upstreamGoesAndIsMissed();

    var answer = send(request("/api/models").method(method, HttpRequest.BodyPublishers.noBody()));
    awaitHeld(1);
    upstreamComesBack();

    assertThat(answer.join().statusCode()).isEqualTo(200);
    awaitHeld(0);
  }

  @Test
  void safeRequestWaitsEvenIfItIsTheFirstToNotice() throws Exception {
    start(Map.of("upstream.health-interval", "1h"));
    upstream.close();

    var answer = send(request("/api/models"));
    awaitHeld(1);
    upstreamComesBack();

    assertThat(answer.join().body()).isEqualTo("{\"status\":true}");
  }

  @Test
  void requestThatIsNotSafeToRepeatIsRefusedAtOnce() throws Exception {
    start(Map.of("proxy.hold", "10m"));
    upstreamGoesAndIsMissed();

    var answer = send(request("/api/chat").POST(HttpRequest.BodyPublishers.ofString("{}"))).join();

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    assertThat(answer.body()).isEqualTo("{\"detail\":\"No Open WebUI instance is ready.\"}");
  }

  @Test
  void navigationGetsTheWaitingPageAtOnce() throws Exception {
    start(Map.of("proxy.hold", "10m"));
    upstreamGoesAndIsMissed();

    var answer = send(request("/c/1").header("Accept", "text/html")).join();

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    assertThat(answer.body()).contains("http-equiv=\"refresh\"");
  }

  @Test
  void requestIsHeldOnlyForItsTime() throws Exception {
    start(Map.of("proxy.hold", "300ms"));
    upstreamGoesAndIsMissed();

    var answer = send(request("/api/models")).join();

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    awaitHeld(0);
  }

  @Test
  void onlySoManyRequestsAreHeld() throws Exception {
    start(Map.of("proxy.hold", "10m", "proxy.queue", "1"));
    upstreamGoesAndIsMissed();
    var held = send(request("/api/models"));
    awaitHeld(1);

    assertThat(send(request("/api/models")).join().statusCode()).isEqualTo(503);

    upstreamComesBack();
    assertThat(held.join().statusCode()).isEqualTo(200);
  }

  @Test
  void clientThatGoesAwayIsNotHeld() throws Exception {
    start(Map.of("proxy.hold", "10m"));
    upstreamGoesAndIsMissed();
    var held = send(request("/api/models"));
    awaitHeld(1);

    held.cancel(true);

    awaitHeld(0);
  }

  @Test
  void stopDoesNotWaitForTheUpstream() throws Exception {
    start(Map.of("proxy.hold", "10m", "drain.timeout", "1h"));
    upstreamGoesAndIsMissed();
    var held = send(request("/api/models"));
    awaitHeld(1);

    gateway.drainAndClose();

    assertThat(held.join().statusCode()).isEqualTo(503);
  }

  private void start(Map<String, String> settings) throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("listen", "127.0.0.1:0");
    all.put("admin.listen", "127.0.0.1:0");
    all.put("admin.token", TestNode.ADMIN_TOKEN);
    all.put("threads.io", "2");
    all.put("upstreams", place.toString());
    all.put("upstream.health-interval", "200ms");
    all.putAll(settings);
    gateway = Gateway.start(Settings.of(all));
    Awaiting.until(() -> admin("/readyz").statusCode() == 200);
  }

  private void upstreamGoesAndIsMissed() throws InterruptedException {
    upstream.close();
    Awaiting.until(() -> admin("/readyz").statusCode() == 503);
  }

  private void upstreamComesBack() {
    upstream = new EchoUpstream(place.getPort());
  }

  private void awaitHeld(int count) throws InterruptedException {
    String line = "holdfast_proxy_held " + count + ".0";
    Awaiting.until(() -> admin("/metrics").body().lines().anyMatch(line::equals));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + gateway.address().getPort() + path));
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> admin(String path) {
    int port = gateway.adminAddress().orElseThrow().getPort();
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
