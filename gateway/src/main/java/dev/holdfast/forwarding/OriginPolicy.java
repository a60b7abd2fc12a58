package dev.holdfast.forwarding;

import static java.util.stream.Collectors.joining;

import dev.holdfast.config.Origin;
import dev.holdfast.http1.RefusalLines;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides which pages may connect: those in Open WebUI's {@code CORS_ALLOW_ORIGIN}, {@code *} or a
 * list; without it, those of the host that the request is for. A request without {@code Origin}
 * does not come from a page. Immutable.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc6455#section-10.2">RFC 6455 section
 *     10.2</a>
 */
public final class OriginPolicy {
  /** Maximum number of origins in an explanation. */
  private static final int SHOWN_ORIGINS = 5;

  private final boolean all;
  private final Set<Origin> origins = new LinkedHashSet<>();
  private final Forwarding forwarding;

  /**
   * Creates a policy that allows these origins, or all if one is {@code *}; if none is listed, the
   * host of the request.
   */
  public OriginPolicy(List<String> origins, Forwarding forwarding) {
    this.all = origins.contains("*");
    origins.forEach(origin -> Origin.parse(origin).ifPresent(this.origins::add));
    this.forwarding = forwarding;
  }

  /**
   * Returns why the page behind a request may not connect; empty if it may. Names the received and
   * the expected value, and the setting that decides. Requests from another node were checked
   * there.
   */
  public Optional<String> objection(HttpServerExchange exchange) {
    HeaderValues given = exchange.getRequestHeaders().get(Headers.ORIGIN);
    if (given == null || all || Forwarding.isVouched(exchange)) {
      return Optional.empty();
    }
    // Several origins are ambiguous.
    Optional<Origin> origin = given.size() == 1 ? Origin.parse(given.getFirst()) : Optional.empty();
    String got = "Origin is " + RefusalLines.shown(String.join(", ", given));
    if (!origins.isEmpty()) {
      return origin.filter(origins::contains).isPresent()
          ? Optional.empty()
          : Optional.of(got + ", socketio.origins (CORS_ALLOW_ORIGIN) allows " + allowed());
    }
    if (origin.filter(it -> isOwn(it, exchange.getRequestHeaders())).isEmpty()) {
      return Optional.of(got + foreign(exchange.getRequestHeaders()));
    }
    return forwarding
        .scheme(exchange)
        .filter(scheme -> !scheme.equals(origin.get().scheme()))
        .map(scheme -> got + otherScheme(scheme));
  }

  /**
   * Accepts {@code X-Forwarded-Host} from any peer: a page of another host can set it only after a
   * preflight, which is refused.
   */
  private static boolean isOwn(Origin origin, HeaderMap headers) {
    return hosts(headers, Headers.HOST).anyMatch(origin::isAt)
        || hosts(headers, Headers.X_FORWARDED_HOST).anyMatch(origin::isAt);
  }

  /** Splits a header to which each proxy of a chain may have added a value. */
  private static Stream<String> hosts(HeaderMap headers, HttpString name) {
    HeaderValues lines = headers.get(name);
    return lines == null
        ? Stream.empty()
        : lines.stream().flatMap(line -> Stream.of(line.split(",", -1))).map(String::strip);
  }

  private String allowed() {
    String some =
        origins.stream().limit(SHOWN_ORIGINS).map(Origin::toString).collect(joining(", "));
    int more = origins.size() - SHOWN_ORIGINS;
    return more > 0 ? some + " and " + more + " more" : some;
  }

  private static String foreign(HeaderMap headers) {
    return ", but the request is for "
        + value(headers, Headers.HOST)
        + " (Host) and "
        + value(headers, Headers.X_FORWARDED_HOST)
        + " (X-Forwarded-Host): without socketio.origins (CORS_ALLOW_ORIGIN) only pages of these"
        + " hosts may connect. List the origin there, or let the proxy in front pass Host on";
  }

  private static String value(HeaderMap headers, HttpString name) {
    HeaderValues lines = headers.get(name);
    return lines == null ? "none" : RefusalLines.shown(String.join(", ", lines));
  }

  private static String otherScheme(String scheme) {
    return ", but the request came by "
        + scheme
        + ", as tls.certificate or a proxy of proxy.trusted-proxies (X-Forwarded-Proto) states."
        + " If a proxy in front changes it, list that proxy there, or the origin in"
        + " socketio.origins (CORS_ALLOW_ORIGIN)";
  }
}
