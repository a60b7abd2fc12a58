package dev.holdfast.engineio;

import dev.holdfast.engineio.EndpointPath.Reading;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.http1.RefusalLines;
import dev.holdfast.memory.Quotas;
import dev.holdfast.protocol.EngineError;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The Undertow handler in front of the {@link EngineServer}. Checks path and origin, then passes
 * the request on. Thread-safe.
 */
public final class EngineHandler implements HttpHandler {
  /**
   * What the handler knows of the server around it.
   *
   * @param path of the endpoint; begins and ends with a slash
   * @param clients tells the client of a request
   * @param origins tells why the page behind a request may not connect; empty if it may
   */
  public record Context(
      String path,
      Bodies bodies,
      Function<HttpServerExchange, ForwardedClient> clients,
      Function<HttpServerExchange, Optional<String>> origins,
      OtherNodes otherNodes,
      HandshakeObserver observer) {}

  /**
   * The limits of polling bodies.
   *
   * @param idle longest pause without data
   * @param dropped how many bytes of a refused body are read and discarded
   * @param dropping how long that may take
   */
  public record Bodies(Duration idle, long dropped, Duration dropping, Quotas quotas) {}

  private static final int NO_CONTENT = 204;
  private static final int NOT_FOUND = 404;
  private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
  private static final HttpString ALLOW_CREDENTIALS =
      new HttpString("Access-Control-Allow-Credentials");
  private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
  private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
  private static final HttpString REQUEST_HEADERS =
      new HttpString("Access-Control-Request-Headers");

  private final EndpointPath path;
  private final Context context;
  private final EngineServer server;

  /**
   * Creates a handler in front of a server.
   *
   * @param context identifies clients and forwards requests to other nodes
   */
  public EngineHandler(Context context, EngineServer server) {
    this.path = new EndpointPath(context.path());
    this.context = context;
    this.server = server;
  }

  /**
   * Returns whether this handler is responsible for a request: for its path, with or without the
   * trailing slash, or for another spelling that Open WebUI may accept as its path.
   */
  public boolean isFor(HttpServerExchange exchange) {
    return path.read(exchange) != Reading.OTHER;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    if (path.read(exchange) == Reading.EXACT) {
      serve(exchange);
      return;
    }
    String sentence =
        "the path is "
            + RefusalLines.shown(exchange.getRequestURI())
            + ", expected "
            + context.path()
            + " (socketio.path): other spellings of it are not served";
    server.refused(context.clients().apply(exchange), "path", sentence);
    exchange.setStatusCode(NOT_FOUND);
    exchange.setPersistent(false);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
    exchange.getResponseSender().send(sentence + "\n");
  }

  private void serve(HttpServerExchange exchange) {
    UndertowExchange request = new UndertowExchange(exchange, context, server.listener());
    Optional<String> objection = context.origins().apply(exchange);
    if (objection.isPresent()) {
      server.refused(request.client(), "origin", objection.get());
      dispatch(exchange, request, () -> request.refuse(EngineError.FORBIDDEN, objection.get()));
    } else if (exchange.getRequestMethod().equals(Methods.OPTIONS)) {
      preflight(exchange);
    } else {
      request.observed();
      // The response may be sent later and from another thread.
      dispatch(exchange, request, () -> server.handle(request));
    }
  }

  private static void dispatch(
      HttpServerExchange exchange, UndertowExchange request, Runnable task) {
    exchange.dispatch(SameThreadExecutor.INSTANCE, request.boundary().guard(task));
  }

  /** Lets an allowed page read the response. */
  static void allowOrigin(HttpServerExchange exchange) {
    String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
    if (origin != null) {
      HeaderMap headers = exchange.getResponseHeaders();
      headers.put(ALLOW_ORIGIN, origin);
      headers.put(ALLOW_CREDENTIALS, "true");
      headers.put(Headers.VARY, Headers.ORIGIN_STRING);
    }
  }

  /** Answers a preflight request. */
  private static void preflight(HttpServerExchange exchange) {
    allowOrigin(exchange);
    HeaderMap headers = exchange.getResponseHeaders();
    headers.put(ALLOW_METHODS, "GET,POST,OPTIONS");
    String asked = exchange.getRequestHeaders().getFirst(REQUEST_HEADERS);
    if (asked != null) {
      headers.put(ALLOW_HEADERS, asked);
    }
    exchange.setStatusCode(NO_CONTENT);
    exchange.endExchange();
  }
}
