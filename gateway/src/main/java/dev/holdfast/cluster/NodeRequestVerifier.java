package dev.holdfast.cluster;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.metrics.Metrics;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Verifies requests that carry the header of nodes, and refuses those that no node has signed: no
 * other client has a reason to send it. Thread-safe.
 */
public final class NodeRequestVerifier implements HttpHandler {
  private static final HttpString HEADER = new HttpString(SignedRequest.HEADER);
  private static final int FORBIDDEN = 403;
  private static final String SENTENCE =
      "Forbidden: "
          + SignedRequest.HEADER
          + " is not a recent signature by a node of this cluster for this node. All nodes need the"
          + " same cluster.secret; other clients must not send this header\n";

  private final NodeTrust trust;
  private final Predicate<HttpServerExchange> open;
  private final Metrics metrics;
  private final HttpHandler next;

  /**
   * Passes requests without the header to the next handler.
   *
   * @param open which requests other nodes may send
   */
  public NodeRequestVerifier(
      NodeTrust trust, Predicate<HttpServerExchange> open, Metrics metrics, HttpHandler next) {
    this.trust = trust;
    this.open = open;
    this.metrics = metrics;
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    HeaderValues values = exchange.getRequestHeaders().get(HEADER);
    if (values == null) {
      next.handleRequest(exchange);
      return;
    }
    Optional<SignedRequest.Client> client =
        values.size() == 1 && open.test(exchange)
            ? SignedRequest.check(trust, values.getFirst(), asked(exchange), origin(exchange))
            : notOpen(exchange);
    if (client.isPresent()) {
      Forwarding.vouch(exchange, client(client.get()));
      next.handleRequest(exchange);
    } else {
      metrics.refused("node-signature");
      exchange.setStatusCode(FORBIDDEN);
      exchange.setPersistent(false);
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
      exchange.getResponseSender().send(SENTENCE);
    }
  }

  /** A node sends the header once, and only with requests that it may forward. */
  private Optional<SignedRequest.Client> notOpen(HttpServerExchange exchange) {
    trust.refused(RejectionLog.Reason.FORGED, origin(exchange));
    return Optional.empty();
  }

  private static String origin(HttpServerExchange exchange) {
    return exchange.getSourceAddress().getHostString();
  }

  private static SignedRequest asked(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    return new SignedRequest(
        exchange.getRequestMethod().toString(),
        exchange.getRequestURI() + "?" + exchange.getQueryString(),
        new SignedRequest.Client(
            "",
            false,
            line(headers.get(Headers.X_FORWARDED_FOR)),
            line(headers.get(Headers.X_FORWARDED_PROTO)),
            line(headers.get(Headers.X_FORWARDED_HOST))));
  }

  private static String line(@Nullable HeaderValues values) {
    return values == null ? "" : String.join("\n", values);
  }

  private static ForwardedClient client(SignedRequest.Client said) {
    return new ForwardedClient(
        said.address(),
        Forwarding.peerOf(said.address()),
        said.trusted(),
        said.forwardedFor(),
        said.proto(),
        said.host().isEmpty() ? Optional.empty() : Optional.of(said.host()));
  }
}
