package dev.holdfast.http1;

import dev.holdfast.time.ErrorBoundary;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import org.xnio.IoUtils;

/** Creates error boundaries for requests, on each thread that one is dispatched to. */
public final class ExchangeBoundary {
  private ExchangeBoundary() {}

  /**
   * Returns a boundary that ends the request with a 500, or closes the connection if the response
   * has started.
   *
   * @param onError called once, before the request is ended
   */
  public static ErrorBoundary around(HttpServerExchange exchange, Runnable onError) {
    return new ErrorBoundary(
        "a request",
        () -> {
          try {
            onError.run();
          } finally {
            end(exchange);
          }
        });
  }

  private static void end(HttpServerExchange exchange) {
    if (exchange.isResponseStarted()) {
      IoUtils.safeClose(exchange.getConnection());
      return;
    }
    exchange.getResponseHeaders().clear();
    exchange.setStatusCode(StatusCodes.INTERNAL_SERVER_ERROR);
    exchange.setPersistent(false);
    exchange.endExchange();
  }
}
