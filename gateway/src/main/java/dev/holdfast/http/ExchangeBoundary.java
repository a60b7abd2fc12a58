package dev.holdfast.http;

import dev.holdfast.time.ErrorBoundary;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import org.xnio.IoUtils;

/** Around the handling of a request, on each thread that it is dispatched to. */
public final class ExchangeBoundary {
  private ExchangeBoundary() {}

  /**
   * What is thrown inside ends this request with 500, or its connection if the response has begun.
   *
   * @param onError called once, before it is ended
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
