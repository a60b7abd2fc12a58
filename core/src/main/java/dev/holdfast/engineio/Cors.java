package dev.holdfast.engineio;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/** Response headers that let a page of an allowed origin read the response. */
final class Cors {
  private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
  private static final HttpString ALLOW_CREDENTIALS =
      new HttpString("Access-Control-Allow-Credentials");
  private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
  private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
  private static final HttpString REQUEST_HEADERS =
      new HttpString("Access-Control-Request-Headers");

  private Cors() {}

  /** Lets an allowed page read the response. */
  static void allow(HttpServerExchange exchange) {
    String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
    if (origin != null) {
      HeaderMap headers = exchange.getResponseHeaders();
      headers.put(ALLOW_ORIGIN, origin);
      headers.put(ALLOW_CREDENTIALS, "true");
      headers.put(Headers.VARY, Headers.ORIGIN_STRING);
    }
  }

  /** Answers a preflight request. */
  static void preflight(HttpServerExchange exchange) {
    allow(exchange);
    HeaderMap headers = exchange.getResponseHeaders();
    headers.put(ALLOW_METHODS, "GET,POST,OPTIONS");
    String asked = exchange.getRequestHeaders().getFirst(REQUEST_HEADERS);
    if (asked != null) {
      headers.put(ALLOW_HEADERS, asked);
    }
    exchange.setStatusCode(204);
    exchange.endExchange();
  }
}
