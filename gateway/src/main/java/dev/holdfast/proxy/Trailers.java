package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Selects the trailers of a chunked body to forward. Servers may merge trailers into the head, so a
 * trailer could set a header that is not allowed there: request trailers are dropped, and so are
 * response trailers that RFC 9110 §6.5.1 forbids.
 */
enum Trailers {
  OF_REQUEST,
  OF_RESPONSE;

  /**
   * In addition to hop-by-hop fields: routing, cookies, authentication, content metadata, caching.
   */
  private static final Set<String> FORBIDDEN =
      Set.of(
          "age",
          "authorization",
          "cache-control",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "date",
          "expires",
          "forwarded",
          "host",
          "location",
          "retry-after",
          "set-cookie",
          "trailer",
          "vary",
          "via",
          "www-authenticate",
          "x-real-ip");

  private static final List<String> FORBIDDEN_PREFIXES = List.of("access-control-", "x-forwarded-");

  /** Returns the trailers that may be forwarded. */
  List<Header> of(List<Header> all) {
    return all.stream().filter(this::passes).toList();
  }

  private boolean passes(Header trailer) {
    String name = trailer.name().toLowerCase(Locale.ROOT);
    return this == OF_RESPONSE
        && !HopByHop.isAlways(name)
        && !FORBIDDEN.contains(name)
        && FORBIDDEN_PREFIXES.stream().noneMatch(name::startsWith);
  }
}
