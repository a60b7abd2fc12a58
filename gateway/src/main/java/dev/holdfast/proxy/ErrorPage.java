package dev.holdfast.proxy;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.charset.StandardCharsets;

/**
 * The response that replaces the upstream's: a page that reloads itself for browser navigation, and
 * otherwise JSON in the format of Open WebUI's errors. Immutable.
 */
record ErrorPage(String type, String body) {
  /** Seconds until a retry is useful. */
  static final String RETRY_AFTER = "3";

  private static final HttpString FETCH_MODE = new HttpString("Sec-Fetch-Mode");

  private static final String HTML =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="refresh" content="%s">
      <meta name="viewport" content="width=device-width">
      <title>Open WebUI is starting…</title>
      <style>
      :root { color-scheme: light dark }
      body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center;
             min-height: 90vh; text-align: center }
      </style>
      </head>
      <body><div><h1>Open WebUI is starting…</h1><p>%s This page tries again by itself.</p></div></body>
      </html>
      """;

  /** Returns the response for a failure of this request. */
  static ErrorPage of(Failure failure, HttpServerExchange exchange) {
    if (!failure.isClientFault() && navigates(exchange)) {
      return new ErrorPage(
          "text/html; charset=utf-8", HTML.formatted(RETRY_AFTER, failure.sentence()));
    }
    return new ErrorPage("application/json", "{\"detail\":\"" + failure.sentence() + "\"}");
  }

  /**
   * Returns whether a browser will show the response as a page; old browsers are recognized by
   * {@code Accept}.
   */
  static boolean navigates(HttpServerExchange exchange) {
    String mode = exchange.getRequestHeaders().getFirst(FETCH_MODE);
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    boolean page =
        mode == null
            ? accept != null && accept.contains("text/html")
            : mode.equalsIgnoreCase("navigate");
    return page
        && exchange.getRequestMethod().equals(Methods.GET)
        && !exchange.getRequestPath().startsWith("/api/");
  }

  /** Writes the response, with a body except for HEAD requests. */
  void write(HeadWriter out, Failure failure, boolean withBody, boolean persistent) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    out.text("HTTP/1.1 " + failure.status() + " " + reason(failure.status()) + "\r\n");
    out.text("Content-Type: " + type + "\r\nContent-Length: " + bytes.length + "\r\n");
    out.text("Cache-Control: no-store\r\n");
    if (!failure.isClientFault()) {
      out.text("Retry-After: " + RETRY_AFTER + "\r\n");
    }
    out.text(persistent ? "\r\n" : "Connection: close\r\n\r\n");
    if (withBody) {
      out.text(new String(bytes, StandardCharsets.ISO_8859_1));
    }
  }

  private static String reason(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 408 -> "Request Timeout";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      default -> "Gateway Timeout";
    };
  }
}
