package dev.holdfast.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.PeerJson;
import dev.holdfast.upstream.UpstreamState.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Runs the checks of one upstream without blocking. Thread-safe. */
final class HealthProbe {
  private static final JsonMapper JSON = PeerJson.mapper();

  private final CheckClient client;
  private final Dialer dialer;
  private final CheckRequest request;
  private final Duration timeout;

  /**
   * Creates a probe that dials as links and requests do.
   *
   * @param timeout from a connection to the end of the response
   */
  HealthProbe(CheckClient client, Dialer dialer, CheckRequest request, Duration timeout) {
    this.client = client;
    this.dialer = dialer;
    this.request = request;
    this.timeout = timeout;
  }

  /**
   * Requests {@code /health} and, if requested or if that page does not exist, makes an Engine.IO
   * handshake. The future never fails: problems are reported as a state.
   */
  CompletableFuture<Result> check(boolean engineIoToo) {
    return dialer
        .addresses()
        .lookedUp()
        .completeOnTimeout(null, timeout.toNanos(), TimeUnit.NANOSECONDS)
        .thenCompose(known -> page("/health"))
        .thenCompose(
            answer -> {
              if (answer.status() == 200 && !engineIoToo) {
                return CompletableFuture.completedFuture(
                    Result.of(Kind.HEALTHY, "/health is good"));
              }
              // 404: a Socket.IO server that is not Open WebUI; then the handshake alone decides.
              return answer.status() == 200 || answer.status() == 404
                  ? engineIo()
                  : CompletableFuture.completedFuture(
                      Result.of(Kind.REFUSING, "/health answers " + answer.status()));
            })
        .exceptionally(problem -> Result.of(CheckProblem.of(problem)));
  }

  /** Opens an Engine.IO session over a WebSocket and closes it. The future never fails. */
  CompletableFuture<Result> engineIo() {
    return EngineIoProbe.open(client, dialer, request, timeout)
        .thenApply(Result::healthy)
        .exceptionallyCompose(this::diagnose);
  }

  /** Sends a GET for a page of text; fails with a {@link CheckProblem}. */
  CompletableFuture<HttpGet.Answer> page(String path) {
    return HttpGet.send(dialer, client.thread(), request.page(path), timeout);
  }

  /** Fetches a page as JSON; a missing node for any other response. */
  CompletableFuture<JsonNode> json(String path) {
    return page(path)
        .handle(
            (answer, problem) ->
                problem == null && answer.status() == 200
                    ? parsed(answer.body())
                    : MissingNode.getInstance());
  }

  /**
   * Fetches Open WebUI's config; its fields are empty if there is no such page. Fails if the
   * upstream does not respond in time or with a server error.
   */
  CompletableFuture<OpenWebUiConfig> config() {
    return page("/api/config")
        .thenApply(
            answer -> {
              if (answer.status() >= 500) {
                throw new CompletionException(
                    new CheckProblem(Kind.REFUSING, "/api/config answers " + answer.status()));
              }
              return OpenWebUiConfig.read(
                  answer.status() == 200 ? parsed(answer.body()) : MissingNode.getInstance());
            });
  }

  private CompletableFuture<Result> diagnose(Throwable problem) {
    CheckProblem found = CheckProblem.of(problem);
    return !found.isDeclined()
        ? CompletableFuture.completedFuture(Result.of(found))
        : websocketsOff()
            .thenApply(
                off ->
                    off
                        ? Result.of(
                            Kind.WEBSOCKETS_OFF,
                            "it accepts no WebSocket: set ENABLE_WEBSOCKET_SUPPORT=true in Open WebUI")
                        : Result.of(found));
  }

  /**
   * Whether websockets are disabled: {@code /api/config} says so, or else an Engine.IO handshake
   * over polling works.
   */
  private CompletableFuture<Boolean> websocketsOff() {
    return json("/api/config")
        .thenCompose(
            config -> {
              JsonNode enabled = config.path("features").path("enable_websocket");
              return enabled.isBoolean()
                  ? CompletableFuture.completedFuture(!enabled.asBoolean())
                  : HttpGet.send(dialer, client.thread(), request.polling(), timeout)
                      .handle(
                          (answer, problem) ->
                              problem == null
                                  && answer.status() == 200
                                  && answer.body().startsWith("0{"));
            });
  }

  private static JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException notJson) {
      return MissingNode.getInstance();
    }
  }

  /** The result of a check; {@code announced} is present if an open packet was read. */
  record Result(UpstreamState state, Optional<Announced> announced) {
    static Result of(Kind kind, String sentence) {
      return new Result(new UpstreamState(kind, sentence), Optional.empty());
    }

    static Result of(CheckProblem problem) {
      return new Result(problem.state(), Optional.empty());
    }

    static Result healthy(Announced announced) {
      return new Result(
          new UpstreamState(Kind.HEALTHY, "/health and the Engine.IO handshake are good"),
          Optional.of(announced));
    }
  }
}
