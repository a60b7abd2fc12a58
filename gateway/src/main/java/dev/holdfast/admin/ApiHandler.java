package dev.holdfast.admin;

import dev.holdfast.http1.ExchangeBoundary;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ErrorBoundary;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Serves the API over HTTP. Thread-safe. */
public final class ApiHandler implements HttpHandler {
  /** The prefix of its paths. */
  public static final String PREFIX = "/api/v1";

  private final Api api;
  private final Metrics metrics;

  /** Serves this API; the caller checks access. */
  public ApiHandler(Api api, Metrics metrics) {
    this.api = api;
    this.metrics = metrics;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    // Too slow for an I/O thread, as it may cover all sessions of all nodes.
    ErrorBoundary boundary =
        ExchangeBoundary.around(exchange, () -> metrics.internalError("request"));
    exchange.dispatch(boundary.guard(() -> answer(exchange, boundary)));
  }

  private void answer(HttpServerExchange exchange, ErrorBoundary boundary) {
    Api.Call call;
    try {
      call = call(exchange);
    } catch (IllegalArgumentException malformed) {
      send(
          exchange,
          Api.Reply.error(StatusCodes.BAD_REQUEST, "an escape in the path or query is malformed"));
      return;
    }
    var unused =
        api.answer(call)
            .whenComplete(
                (reply, problem) -> {
                  if (problem == null) {
                    boundary.run(() -> send(exchange, reply));
                  } else {
                    boundary.failed(problem);
                  }
                });
  }

  private static Api.Call call(HttpServerExchange exchange) {
    String path = exchange.getRequestPath().substring(PREFIX.length()).replace("+", "%2B");
    Map<String, String> query = new HashMap<>();
    for (String parameter : exchange.getQueryString().split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      query.putIfAbsent(
          decoded(name),
          decoded(parameter.substring(equals < 0 ? parameter.length() : equals + 1)));
    }
    return new Api.Call(exchange.getRequestMethod().toString(), decoded(path), query);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static void send(HttpServerExchange exchange, Api.Reply reply) {
    exchange.setStatusCode(reply.status());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(reply.body().toString());
  }
}
