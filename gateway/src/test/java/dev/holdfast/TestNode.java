package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.config.Settings;
import dev.holdfast.time.Awaiting;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A whole node on free ports in front of an {@link EchoUpstream}, and clients for it. */
final class TestNode implements Closeable {
  /** What its admin API asks for, unless it is set otherwise. */
  static final String ADMIN_TOKEN = "a token of the tests";

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final EchoUpstream upstream = new EchoUpstream();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Gateway gateway;

  private TestNode(Optional<Cluster> cluster, Map<String, String> settings) throws IOException {
    Map<String, String> all = new HashMap<>();
    all.put("listen", "127.0.0.1:0");
    all.put("admin.listen", "127.0.0.1:0");
    all.put("admin.token", ADMIN_TOKEN);
    all.put("threads.io", "2");
    all.put("upstreams", upstream.uri().toString());
    all.putAll(settings);
    gateway = Gateway.start(Settings.of(all), cluster);
  }

  /** A node that is ready, with these settings besides the ports. */
  static TestNode with(String... keysAndValues) throws Exception {
    return ready(Optional.empty(), keysAndValues);
  }

  /** A node that is ready and knows these others. */
  static TestNode among(Cluster cluster, String... keysAndValues) throws Exception {
    return ready(Optional.of(cluster), keysAndValues);
  }

  /** A node that may never be ready. */
  static TestNode unready(Map<String, String> settings) throws IOException {
    return new TestNode(Optional.empty(), settings);
  }

  private static TestNode ready(Optional<Cluster> cluster, String... keysAndValues)
      throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    TestNode node = new TestNode(cluster, settings);
    Awaiting.until(() -> node.admin("/readyz").statusCode() == 200);
    return node;
  }

  /** What its upstream answers for {@code /api/config} from now on. */
  void configuration(String json) {
    upstream.configuration(json);
  }

  Gateway gateway() {
    return gateway;
  }

  int port() {
    return gateway.address().getPort();
  }

  URI engine(String query) {
    return URI.create("http://127.0.0.1:" + port() + "/ws/socket.io/?" + query);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  HttpResponse<String> poll(String query) {
    return send(HttpRequest.newBuilder(engine("EIO=4&transport=polling" + query)));
  }

  HttpResponse<String> post(String sid, String body) {
    return send(
        HttpRequest.newBuilder(engine("EIO=4&transport=polling&sid=" + sid))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Opens a polling session and says its sid. */
  String openPolling() {
    String open = poll("").body();
    return open.replaceFirst(".*\"sid\":\"([^\"]+)\".*", "$1");
  }

  WebSocket webSocket(String query, WebSocket.Listener client) {
    return webSocket(query, client, http.newWebSocketBuilder());
  }

  WebSocket webSocket(String query, WebSocket.Listener client, WebSocket.Builder builder) {
    URI uri = URI.create("ws://127.0.0.1:" + port() + "/ws/socket.io/?" + query);
    CompletableFuture<WebSocket> opening = builder.buildAsync(uri, client);
    return opening.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
  }

  WebSocket.Builder webSocketBuilder() {
    return http.newWebSocketBuilder();
  }

  HttpResponse<String> admin(String path) {
    return admin(path, it -> it);
  }

  HttpResponse<String> admin(String path, UnaryOperator<HttpRequest.Builder> with) {
    int port = gateway.adminAddress().orElseThrow().getPort();
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return send(
        with.apply(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + ADMIN_TOKEN)));
  }

  /** Waits until a line of the metrics page begins so. */
  void awaitMetric(String line) throws InterruptedException {
    Awaiting.until(() -> admin("/metrics").body().lines().anyMatch(it -> it.startsWith(line)));
  }

  /** Waits until one transport, of whichever kind, is counted as closed for this reason. */
  void awaitTransportClosed(String reason) throws InterruptedException {
    String end = "reason=\"" + reason + "\"} 1.0";
    Awaiting.until(
        () ->
            admin("/metrics")
                .body()
                .lines()
                .anyMatch(
                    it -> it.startsWith("holdfast_transports_closed_total") && it.endsWith(end)));
  }

  /** The upstream goes, and the node has seen it. */
  void loseUpstream() throws InterruptedException {
    upstream.close();
    Awaiting.until(() -> admin("/readyz").statusCode() == 503);
  }

  @Override
  public void close() {
    gateway.close();
    upstream.close();
  }
}
