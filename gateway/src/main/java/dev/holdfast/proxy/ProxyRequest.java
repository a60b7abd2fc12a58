package dev.holdfast.proxy;

import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.http1.RequestTarget;
import dev.holdfast.protocol.ProtocolException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.List;
import java.util.Optional;

/**
 * The parsed parts of a request that the proxy needs. Immutable.
 *
 * @param target path and query, byte for byte
 * @param user the user id in the request's token, if verified
 * @param upgrade the protocol to switch to
 * @param refusal why it is not forwarded
 */
record ProxyRequest(
    String target,
    Framing body,
    ForwardedClient client,
    Optional<String> user,
    Optional<String> upgrade,
    Optional<Failure> refusal) {
  /** Parses an exchange whose head has been read. */
  static ProxyRequest of(
      HttpServerExchange exchange, ForwardedClient client, Optional<String> user) {
    if (exchange.getRequestMethod().equals(Methods.CONNECT)) {
      return refused(client, Failure.METHOD);
    }
    try {
      Framing body = Framing.ofRequest(exchange.getRequestHeaders(), exchange.isHttp11());
      return new ProxyRequest(
          target(exchange), body, client, user, Heads.upgrade(exchange, body), Optional.empty());
    } catch (ProtocolException unclear) {
      return refused(client, Failure.BAD_REQUEST);
    }
  }

  /** Returns the view that editors see. */
  ExchangeObserver.Request view(HttpServerExchange exchange) {
    return new RequestView(this, exchange);
  }

  /** Returns the view that observers see. */
  ExchangeObserver.Exchange viewWith(HttpResponseHead head, HttpServerExchange exchange) {
    return new ExchangeView(this, exchange, head);
  }

  private static class RequestView implements ExchangeObserver.Request {
    private final ProxyRequest proxyRequest;
    private final HttpServerExchange exchange;

    private RequestView(ProxyRequest proxyRequest, HttpServerExchange exchange) {
      this.proxyRequest = proxyRequest;
      this.exchange = exchange;
    }

    @Override
    public String method() {
      return exchange.getRequestMethod().toString();
    }

    @Override
    public String target() {
      return proxyRequest.target;
    }

    @Override
    public List<String> requestHeader(String name) {
      return Heads.lines(exchange.getRequestHeaders(), new HttpString(name));
    }

    @Override
    public String clientAddress() {
      return proxyRequest.client.address();
    }

    @Override
    public Optional<String> verifiedUser() {
      return proxyRequest.user;
    }
  }

  private static final class ExchangeView extends RequestView implements ExchangeObserver.Exchange {
    private final HttpResponseHead head;

    private ExchangeView(
        ProxyRequest proxyRequest, HttpServerExchange exchange, HttpResponseHead head) {
      super(proxyRequest, exchange);
      this.head = head;
    }

    @Override
    public int status() {
      return head.status();
    }

    @Override
    public Optional<String> responseHeader(String name) {
      return head.first(name);
    }
  }

  /** Returns how the request may be handled while no backend is available. */
  ConnectionRequest.RetryPolicy retryPolicy(HttpServerExchange exchange) {
    HttpString method = exchange.getRequestMethod();
    boolean repeatable =
        body.empty()
            && upgrade.isEmpty()
            && (method.equals(Methods.GET)
                || method.equals(Methods.HEAD)
                || method.equals(Methods.OPTIONS));
    return new ConnectionRequest.RetryPolicy(
        repeatable, repeatable && !ErrorPage.navigates(exchange));
  }

  private static ProxyRequest refused(ForwardedClient client, Failure why) {
    Framing unknown = new Framing(Framing.Kind.UNTIL_CLOSE, 0);
    return new ProxyRequest(
        "", unknown, client, Optional.empty(), Optional.empty(), Optional.of(why));
  }

  /**
   * Returns the target; one in absolute form must name the same host as the {@code Host} header.
   */
  private static String target(HttpServerExchange exchange) throws ProtocolException {
    RequestTarget target = RequestTarget.of(exchange);
    String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
    if (!target.isServable()
        || !target.authority().map(it -> it.equalsIgnoreCase(host)).orElse(true)) {
      throw new ProtocolException(
          "the request target is not a path, or its host differs from the Host header");
    }
    return target.origin();
  }
}
