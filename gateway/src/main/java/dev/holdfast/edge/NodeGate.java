package dev.holdfast.edge;

import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Referral;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.upstream.Forwarding;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells requests of other nodes from those that only say so, which are refused: nobody else has a
 * reason to send the header. Thread-safe.
 */
public final class NodeGate implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(NodeGate.class);
  private static final HttpString HEADER = new HttpString(NodeTrust.HEADER);
  private static final int FORBIDDEN = 403;

  private final NodeTrust trust;
  private final Predicate<HttpServerExchange> open;
  private final Metrics metrics;
  private final HttpHandler next;

  /**
   * Lets everybody else through to the next handler.
   *
   * @param open which requests other nodes may send
   */
  public NodeGate(
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
    Optional<Referral.Client> client =
        values.size() == 1 && open.test(exchange)
            ? trust.check(values.getFirst(), asked(exchange))
            : Optional.empty();
    if (client.isPresent()) {
      Forwarding.vouch(exchange, client(client.get()));
      next.handleRequest(exchange);
    } else {
      metrics.refused("node-signature");
      LOG.warn(
          "refused a request of {}: it has the header {} and no signature of a node for this one",
          exchange.getSourceAddress().getHostString(),
          NodeTrust.HEADER);
      exchange.setStatusCode(FORBIDDEN);
      exchange.setPersistent(false);
      exchange.endExchange();
    }
  }

  private static Referral asked(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    return new Referral(
        exchange.getRequestMethod().toString(),
        exchange.getRequestURI() + "?" + exchange.getQueryString(),
        new Referral.Client(
            "",
            false,
            line(headers.get(Headers.X_FORWARDED_FOR)),
            line(headers.get(Headers.X_FORWARDED_PROTO)),
            line(headers.get(Headers.X_FORWARDED_HOST))));
  }

  private static String line(@Nullable HeaderValues values) {
    return values == null ? "" : String.join("\n", values);
  }

  private static Forwarding.Client client(Referral.Client said) {
    return new Forwarding.Client(
        said.address(),
        said.trusted(),
        said.forwardedFor(),
        said.proto(),
        said.host().isEmpty() ? Optional.empty() : Optional.of(said.host()));
  }
}
