package dev.holdfast.engineio;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.EndpointPath.Reading;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.forwarding.OriginPolicy;
import dev.holdfast.http1.RefusalLines;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.PollingFallback;
import dev.holdfast.protocol.EngineError;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.util.Optional;

/**
 * The Undertow handler in front of the {@link EngineServer}. Checks path and origin, then passes
 * the request on. Thread-safe.
 */
public final class EngineHandler implements HttpHandler {
  /** The services that identify a client, limit its use of resources and forward its requests. */
  public record Context(
      Settings settings,
      Forwarding forwarding,
      Identity identity,
      OtherNodes otherNodes,
      Quotas quotas,
      PollingFallback fallback,
      Metrics metrics) {}

  private static final int NOT_FOUND = 404;

  private final EndpointPath path;
  private final OriginPolicy origins;
  private final Context context;
  private final EngineServer server;

  /**
   * Creates a handler in front of a server.
   *
   * @param context identifies clients and forwards requests to other nodes
   */
  public EngineHandler(Context context, EngineServer server) {
    this.path = new EndpointPath(context.settings().get(EdgeKeys.PATH));
    this.context = context;
    this.server = server;
    this.origins = new OriginPolicy(context.settings().get(EdgeKeys.ORIGINS), context.forwarding());
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
            + context.settings().get(EdgeKeys.PATH)
            + " (socketio.path): other spellings of it are not served";
    server.refused(context.forwarding().client(exchange), "path", sentence);
    exchange.setStatusCode(NOT_FOUND);
    exchange.setPersistent(false);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
    exchange.getResponseSender().send(sentence + "\n");
  }

  private void serve(HttpServerExchange exchange) {
    UndertowExchange request = new UndertowExchange(exchange, context);
    Optional<String> objection = origins.objection(exchange);
    if (objection.isPresent()) {
      server.refused(request.client(), "origin", objection.get());
      dispatch(exchange, request, () -> request.refuse(EngineError.FORBIDDEN, objection.get()));
    } else if (exchange.getRequestMethod().equals(Methods.OPTIONS)) {
      OriginPolicy.preflight(exchange);
    } else {
      request.tellFallback();
      // The response may be sent later and from another thread.
      dispatch(exchange, request, () -> server.handle(request));
    }
  }

  private static void dispatch(
      HttpServerExchange exchange, UndertowExchange request, Runnable task) {
    exchange.dispatch(SameThreadExecutor.INSTANCE, request.boundary().guard(task));
  }
}
