package dev.holdfast.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.upstream.UpstreamState.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Asks one upstream how it is, without blocking. Thread-safe. */
final class HealthProbe {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client;
  private final URI uri;
  private final String socketPath;
  private final Duration timeout;

  HealthProbe(HttpClient client, URI uri, String socketPath, Duration timeout) {
    this.client = client;
    this.uri = uri;
    this.socketPath = socketPath;
    this.timeout = timeout;
  }

  /**
   * Asks {@code /health} and, if wanted or if there is no such page, for an Engine.IO handshake.
   * Never fails: what goes wrong is a state.
   */
  CompletableFuture<Result> check(boolean engineIoToo) {
    return page("/health")
        .thenCompose(
            answer -> {
              if (answer.statusCode() == 200 && !engineIoToo) {
                return CompletableFuture.completedFuture(
                    Result.of(Kind.HEALTHY, "/health is good"));
              }
              // 404: a Socket.IO server that is not Open WebUI; then the handshake alone decides.
              return answer.statusCode() == 200 || answer.statusCode() == 404
                  ? engineIo()
                  : CompletableFuture.completedFuture(
                      Result.of(Kind.REFUSING, "/health answers " + answer.statusCode()));
            })
        .exceptionally(problem -> new Result(CheckProblem.state(problem), Optional.empty()));
  }

  /** Opens an Engine.IO session over a WebSocket and closes it. Never fails. */
  CompletableFuture<Result> engineIo() {
    return EngineIoProbe.open(client, webSocketEndpoint(), timeout)
        .thenApply(Result::healthy)
        .exceptionallyCompose(this::diagnose);
  }

  /** A GET whose body is text; fails with the client's exceptions. */
  CompletableFuture<HttpResponse<String>> page(String path) {
    HttpRequest request = HttpRequest.newBuilder(uri.resolve(path)).timeout(timeout).build();
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  /** The JSON of a page, or a missing node for whatever else comes. */
  CompletableFuture<JsonNode> json(String path) {
    return page(path)
        .handle(
            (answer, problem) ->
                problem == null && answer.statusCode() == 200
                    ? parsed(answer.body())
                    : MissingNode.getInstance());
  }

  /**
   * What Open WebUI's settings page says; empty fields if there is no such page. Fails if there is
   * no answer in time, or none yet.
   */
  CompletableFuture<OpenWebUiConfig> config() {
    return page("/api/config")
        // The request's own limit ends with the head of the answer.
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .thenApply(
            answer -> {
              if (answer.statusCode() >= 500) {
                throw new CompletionException(
                    new ProtocolException("/api/config answers " + answer.statusCode()));
              }
              return OpenWebUiConfig.read(
                  answer.statusCode() == 200 ? parsed(answer.body()) : MissingNode.getInstance());
            });
  }

  private CompletableFuture<Result> diagnose(Throwable problem) {
    if (CheckProblem.cause(problem) instanceof WebSocketHandshakeException refused) {
      int status = refused.getResponse().statusCode();
      return websocketsOff()
          .thenApply(
              off ->
                  off
                      ? Result.of(
                          Kind.WEBSOCKETS_OFF,
                          "it takes no WebSocket: set ENABLE_WEBSOCKET_SUPPORT=true in Open WebUI")
                      : Result.of(
                          Kind.REFUSING, "it answers " + status + " to the WebSocket handshake"));
    }
    return done(new Result(CheckProblem.state(problem), Optional.empty()));
  }

  /** Told by its settings page, else by an Engine.IO handshake over polling that works. */
  private CompletableFuture<Boolean> websocketsOff() {
    return json("/api/config")
        .thenCompose(
            config -> {
              JsonNode enabled = config.path("features").path("enable_websocket");
              return enabled.isBoolean()
                  ? CompletableFuture.completedFuture(!enabled.asBoolean())
                  : page(socketPath + "?EIO=4&transport=polling")
                      .handle(
                          (answer, problem) ->
                              problem == null
                                  && answer.statusCode() == 200
                                  && answer.body().startsWith("0{"));
            });
  }

  private URI webSocketEndpoint() {
    String scheme = "https".equalsIgnoreCase(uri.getScheme()) ? "wss" : "ws";
    return URI.create(
        scheme + "://" + uri.getAuthority() + socketPath + "?EIO=4&transport=websocket");
  }

  private static JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException notJson) {
      return MissingNode.getInstance();
    }
  }

  private static CompletableFuture<Result> done(Result result) {
    return CompletableFuture.completedFuture(result);
  }

  /** What was found; {@code announced} if an open packet was read. */
  record Result(UpstreamState state, Optional<Announced> announced) {
    static Result of(Kind kind, String sentence) {
      return new Result(new UpstreamState(kind, sentence), Optional.empty());
    }

    static Result healthy(Announced announced) {
      return new Result(
          new UpstreamState(Kind.HEALTHY, "/health and the Engine.IO handshake are good"),
          Optional.of(announced));
    }
  }
}
