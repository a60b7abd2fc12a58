package dev.holdfast.edge;

import dev.holdfast.upstream.Forwarding;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may connect: Open WebUI's {@code CORS_ALLOW_ORIGIN}, {@code *} or a list; none means
 * the host that the request itself is for. A request without {@code Origin} comes from no page.
 * Immutable.
 */
final class OriginPolicy {
  private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
  private static final HttpString ALLOW_CREDENTIALS =
      new HttpString("Access-Control-Allow-Credentials");
  private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
  private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
  private static final HttpString REQUEST_HEADERS =
      new HttpString("Access-Control-Request-Headers");

  private final boolean all;
  private final Set<String> origins = new HashSet<>();
  private final Forwarding forwarding;

  OriginPolicy(List<String> origins, Forwarding forwarding) {
    this.all = origins.contains("*");
    origins.forEach(origin -> this.origins.add(origin.toLowerCase(Locale.ROOT)));
    this.forwarding = forwarding;
  }

  boolean allows(HttpServerExchange exchange) {
    String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
    if (origin == null || all) {
      return true;
    }
    String lower = origin.toLowerCase(Locale.ROOT);
    if (!origins.isEmpty()) {
      return origins.contains(lower);
    }
    String host = lower.substring(lower.indexOf("//") + 2);
    return isHost(host, exchange.getRequestHeaders().getFirst(Headers.HOST))
        || isHost(host, forwarding.client(exchange).host().orElse(null));
  }

  private static boolean isHost(String origin, @Nullable String host) {
    return host != null && origin.equals(host.toLowerCase(Locale.ROOT));
  }

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
