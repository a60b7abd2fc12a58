package dev.holdfast.edge;

import dev.holdfast.config.Settings;
import dev.holdfast.edge.EndpointPath.Reading;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.upstream.Identity;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Undertow's way to the {@link EngineServer} on its path: origins, then the request. Thread-safe.
 */
public final class EngineHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(EngineHandler.class);

  /** What tells who asks, what they may take, and where else a request may be answered. */
  public record Context(
      Settings settings,
      Forwarding forwarding,
      Identity identity,
      OtherNodes otherNodes,
      Quotas quotas,
      Metrics metrics) {}

  private static final int NOT_FOUND = 404;

  private final EndpointPath path;
  private final OriginPolicy origins;
  private final Context context;
  private final EngineServer server;
  private final Metrics metrics;

  /**
   * A handler in front of a server.
   *
   * @param context says who asks, and where else it may be answered
   */
  public EngineHandler(Context context, EngineServer server) {
    this.path = new EndpointPath(context.settings().socketio().path());
    this.context = context;
    this.server = server;
    this.metrics = context.metrics();
    this.origins = new OriginPolicy(context.settings().socketio().origins(), context.forwarding());
  }

  /**
   * Whether a request is for this handler: its path, with or without the last slash, or another
   * spelling of it, which Open WebUI might take for the same.
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
    metrics.refused("path");
    LOG.info("refused a request: its path is another spelling of socketio.path (path)");
    exchange.setStatusCode(NOT_FOUND);
    exchange.setPersistent(false);
    exchange.endExchange();
  }

  private void serve(HttpServerExchange exchange) {
    UndertowExchange request = new UndertowExchange(exchange, context);
    if (!origins.allows(exchange)) {
      metrics.refused("origin");
      LOG.info("refused a client: {} (origin)", EngineError.FORBIDDEN.message());
      exchange.dispatch(SameThreadExecutor.INSTANCE, () -> request.refuse(EngineError.FORBIDDEN));
    } else if (exchange.getRequestMethod().equals(Methods.OPTIONS)) {
      OriginPolicy.preflight(exchange);
    } else {
      // The answer may come later, and from another thread.
      exchange.dispatch(SameThreadExecutor.INSTANCE, () -> server.handle(request));
    }
  }
}
