package dev.holdfast.admin;

import dev.holdfast.config.IpLiteral;
import dev.holdfast.http1.RequestTarget;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.Sha256;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.Inet6Address;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides which requests the admin port serves. Requests that a browser makes for another page are
 * refused. Beyond {@link #PROBES}, requests must address this node by a name that no one else can
 * point at it, and carry its token. Thread-safe.
 */
final class AccessControl {
  /** Paths that need no token, and may be requested under any host name. */
  static final Set<String> PROBES = Set.of("/healthz", "/readyz", "/metrics");

  private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");

  /**
   * Requests that a user typed, and those of this port's own pages; not those of pages on other
   * ports.
   */
  private static final Set<String> OWN_SITE = Set.of("none", "same-origin");

  private static final String SCHEME = "Bearer ";
  private static final String LOCALHOST = "localhost";

  private final Optional<byte[]> token;
  private final Set<String> names;
  private final FailedTries tries;

  /**
   * Requires this token, if there is one.
   *
   * @param names host names of this node, besides {@code localhost}
   */
  AccessControl(Optional<String> token, Set<String> names, FailedTries tries) {
    this.token = token.map(Sha256::of);
    this.names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    this.tries = tries;
  }

  /** Returns why a request is refused; empty if it is allowed. Counts a wrong token. */
  Optional<Refusal> refusal(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    if (isCrossOrigin(headers)) {
      return Optional.of(Refusal.BROWSER);
    }
    if (PROBES.contains(exchange.getRequestPath())) {
      return Optional.empty();
    }
    if (RequestTarget.of(exchange).authority().isPresent()
        || !isThisNode(headers.get(Headers.HOST))) {
      return Optional.of(Refusal.HOST);
    }
    return token.flatMap(it -> refusal(it, headers, peer(exchange)));
  }

  private Optional<Refusal> refusal(byte[] expected, HeaderMap headers, Peer peer) {
    String given = headers.getFirst(Headers.AUTHORIZATION);
    if (given == null || !given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.of(Refusal.NO_TOKEN);
    }
    if (!tries.wait(peer).isZero()) {
      return Optional.of(Refusal.FAILED_TRIES);
    }
    // Takes the same time for any token, since the caller cannot choose the first bytes of the
    // hash.
    if (MessageDigest.isEqual(expected, Sha256.of(given.substring(SCHEME.length()).strip()))) {
      return Optional.empty();
    }
    tries.failed(peer);
    return Optional.of(Refusal.WRONG_TOKEN);
  }

  /** Returns how long the sender of this request must wait before its next token. */
  Duration wait(HttpServerExchange exchange) {
    return tries.wait(peer(exchange));
  }

  private static Peer peer(HttpServerExchange exchange) {
    return Peer.of(exchange.getSourceAddress().getAddress());
  }

  /** Browsers send one or both of these headers; other programs send neither. */
  private static boolean isCrossOrigin(HeaderMap headers) {
    HeaderValues site = headers.get(FETCH_SITE);
    return headers.contains(Headers.ORIGIN) || (site != null && !OWN_SITE.containsAll(site));
  }

  private boolean isThisNode(HeaderValues host) {
    return host != null && host.size() == 1 && isThisNode(host.getFirst());
  }

  private boolean isThisNode(String host) {
    int colon = host.indexOf(':', host.lastIndexOf(']') + 1);
    String name = (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
    if (colon >= 0 && !host.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
      return false;
    }
    boolean bracketed = name.startsWith("[") && name.endsWith("]");
    String address = bracketed ? name.substring(1, name.length() - 1) : name;
    return name.equals(LOCALHOST)
        || names.contains(name)
        || IpLiteral.parse(address)
            .filter(it -> it instanceof Inet6Address == bracketed)
            .isPresent();
  }
}
