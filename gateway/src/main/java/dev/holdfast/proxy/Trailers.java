package dev.holdfast.proxy;

import dev.holdfast.protocol.HttpResponseHead.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which fields behind a chunked body are passed on. Servers merge trailers into the head, so a
 * trailer could set what a head must not: those of requests are dropped, and those of responses
 * that RFC 9110 §6.5.1 forbids.
 */
enum Trailers {
  OF_REQUEST,
  OF_RESPONSE;

  /** Besides hop-by-hop fields: routing, cookies, authentication, kind of content, caching. */
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

  /** Those of a body that may be passed on. */
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
