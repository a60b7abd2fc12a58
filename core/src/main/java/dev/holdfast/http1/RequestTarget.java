package dev.holdfast.http1;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.Objects;
import java.util.Optional;

/**
 * The target of a request as written, RFC 9112 §3.2. Characters map to bytes (ISO 8859-1), and
 * nothing is decoded. Immutable.
 *
 * @param origin path and query, or whatever was written in their place
 * @param authority the host of a target in absolute form
 */
public record RequestTarget(String origin, Optional<String> authority) {
  private static final AttachmentKey<RequestTarget> WRITTEN =
      AttachmentKey.create(RequestTarget.class);

  /** Parses a target without blanks. */
  static RequestTarget read(String written) {
    int scheme = written.startsWith("/") ? -1 : written.indexOf("://");
    if (scheme <= 0) {
      return new RequestTarget(written, Optional.empty());
    }
    int begin = scheme + 3;
    int end = begin;
    while (end < written.length() && "/?#".indexOf(written.charAt(end)) < 0) {
      end++;
    }
    String rest = written.substring(end);
    return new RequestTarget(
        rest.startsWith("/") ? rest : "/" + rest, Optional.of(written.substring(begin, end)));
  }

  /** Returns the target of an exchange of {@link HttpPort}. */
  public static RequestTarget of(HttpServerExchange exchange) {
    return Objects.requireNonNull(exchange.getAttachment(WRITTEN), "not from an HttpPort");
  }

  /** Sets the target of an exchange. */
  void putOn(HttpServerExchange exchange) {
    exchange.putAttachment(WRITTEN, this);
    int question = origin.indexOf('?');
    String path = question < 0 ? origin : origin.substring(0, question);
    String query = question < 0 ? "" : origin.substring(question + 1);
    exchange.setRequestURI(path);
    exchange.setRequestPath(path);
    exchange.setRelativePath(path);
    // Undertow strips a leading question mark.
    exchange.setQueryString(query.startsWith("?") ? "?" + query : query);
  }

  /** Returns whether it is a path or {@code *}. */
  public boolean isServable() {
    return origin.startsWith("/") || origin.equals("*");
  }
}
