package dev.holdfast.http1;

import dev.holdfast.http1.HttpResponseHead.Header;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Locale;

/** Corrects request fields that Undertow parses differently than they were written. */
final class Fields {
  private Fields() {}

  /** Sets the fields of an exchange to those written in its head. */
  static void restore(HttpServerExchange exchange, WrittenHead head, RequestTarget target) {
    HeaderMap headers = exchange.getRequestHeaders();
    if (head.fields().isEmpty()) {
      head.host().ifPresent(host -> headers.put(Headers.HOST, host));
    } else {
      headers.clear();
      for (Header field : head.fields()) {
        headers.add(new HttpString(field.name()), field.value());
      }
    }
    if (head.host().isEmpty()) {
      target.authority().ifPresent(host -> headers.put(Headers.HOST, host));
    }
    HeaderValues connection = headers.get(Headers.CONNECTION);
    if (connection != null) {
      exchange.setPersistent(isPersistent(exchange, connection));
    }
  }

  /** Undertow expects a single option per line, while RFC 9112 §9.3 allows lists. */
  private static boolean isPersistent(HttpServerExchange exchange, HeaderValues connection) {
    boolean keep = exchange.isHttp11();
    for (String line : connection) {
      for (String option : line.split(",", -1)) {
        switch (option.strip().toLowerCase(Locale.ROOT)) {
          case "close" -> {
            return false;
          }
          case "keep-alive" -> keep = true;
          default -> {
            // Does not concern persistence.
          }
        }
      }
    }
    return keep;
  }
}
