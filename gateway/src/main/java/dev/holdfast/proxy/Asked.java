package dev.holdfast.proxy;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.upstream.Forwarding;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Optional;

/**
 * What a request asks for, as far as it matters here. Immutable.
 *
 * @param target path and query, byte for byte
 * @param upgrade the protocol to switch to
 * @param refusal why it is not passed on
 */
record Asked(
    String target,
    Framing body,
    Forwarding.Client client,
    Optional<String> upgrade,
    Optional<Failure> refusal) {
  /** Reads it off an exchange whose head has been parsed. */
  static Asked of(HttpServerExchange exchange, Forwarding.Client client) {
    if (exchange.getRequestMethod().equals(Methods.CONNECT)) {
      return refused(client, Failure.METHOD);
    }
    try {
      Framing body = Framing.ofRequest(exchange.getRequestHeaders(), exchange.isHttp11());
      return new Asked(
          withoutBlanks(target(exchange)),
          body,
          client,
          Heads.upgrade(exchange, body),
          Optional.empty());
    } catch (ProtocolException unclear) {
      return refused(client, Failure.BAD_REQUEST);
    }
  }

  /** What may be done with it while no backend is there. */
  Approach.Manner manner(HttpServerExchange exchange) {
    HttpString method = exchange.getRequestMethod();
    boolean repeatable =
        body.empty()
            && upgrade.isEmpty()
            && (method.equals(Methods.GET)
                || method.equals(Methods.HEAD)
                || method.equals(Methods.OPTIONS));
    return new Approach.Manner(repeatable, repeatable && !ErrorPage.navigates(exchange));
  }

  private static Asked refused(Forwarding.Client client, Failure why) {
    Framing unknown = new Framing(Framing.Kind.UNTIL_CLOSE, 0);
    return new Asked("", unknown, client, Optional.empty(), Optional.of(why));
  }

  private static String target(HttpServerExchange exchange) throws ProtocolException {
    String path = exchange.getRequestURI();
    if (exchange.isHostIncludedInRequestURI()) {
      path = withoutAuthority(path, exchange.getRequestHeaders().getFirst(Headers.HOST));
    }
    String query = exchange.getQueryString();
    if (query.isEmpty()) {
      return path;
    }
    // Undertow takes the first of several question marks away, but not from the first name.
    String first = exchange.getQueryParameters().keySet().stream().findFirst().orElse("");
    boolean taken = first.startsWith("?") && !query.startsWith(first);
    return path + (taken ? "??" : "?") + query;
  }

  /** The target of a request in absolute form; it must name the host that {@code Host} names. */
  private static String withoutAuthority(String uri, String host) throws ProtocolException {
    int authority = uri.indexOf("://") + 3;
    int slash = uri.indexOf('/', authority);
    String named = slash < 0 ? uri.substring(authority) : uri.substring(authority, slash);
    if (!named.equalsIgnoreCase(host)) {
      throw new ProtocolException("request for one host with the header of another");
    }
    return slash < 0 ? "/" : uri.substring(slash);
  }

  private static String withoutBlanks(String target) throws ProtocolException {
    if (target.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new ProtocolException("blank or control character in the target");
    }
    return target;
  }
}
