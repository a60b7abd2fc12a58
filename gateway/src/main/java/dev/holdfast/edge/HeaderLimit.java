package dev.holdfast.edge;

import dev.holdfast.metrics.Metrics;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a request whose head is over {@code limits.header}, and says so. Undertow has a limit of
 * its own, which says nothing to anybody: it is set higher, and is only there for what would not
 * fit into memory. Thread-safe.
 */
public final class HeaderLimit implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(HeaderLimit.class);
  private static final int TOO_LARGE = 431;

  /** Blank, blank and CRLF of a request line; colon, blank and CRLF of a header. */
  private static final int SEPARATORS = 4;

  private final int limit;
  private final Metrics metrics;
  private final HttpHandler next;

  /** Lets requests with a head of at most {@code limit} bytes through to the next handler. */
  public HeaderLimit(int limit, Metrics metrics, HttpHandler next) {
    this.limit = limit;
    this.metrics = metrics;
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    int bytes = bytes(exchange);
    if (bytes <= limit) {
      next.handleRequest(exchange);
      return;
    }
    metrics.refused("header");
    LOG.info("refused a request: its head has {} bytes, limits.header is {}", bytes, limit);
    exchange.setStatusCode(TOO_LARGE);
    exchange.setPersistent(false);
    exchange.endExchange();
  }

  private static int bytes(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    int bytes =
        exchange.getRequestMethod().length()
            + exchange.getRequestURI().length()
            + exchange.getQueryString().length()
            + exchange.getProtocol().length()
            + SEPARATORS;
    for (long at = headers.fastIterate(); at != -1; at = headers.fiNext(at)) {
      HeaderValues values = headers.fiCurrent(at);
      for (int i = 0; i < values.size(); i++) {
        bytes += values.getHeaderName().length() + values.get(i).length() + SEPARATORS;
      }
    }
    return bytes;
  }
}
