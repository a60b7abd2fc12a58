package dev.holdfast.proxy;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Builds the forwarded heads: all headers unchanged except hop-by-hop headers, the framing, and
 * what is forwarded about the client.
 */
final class Heads {
  /** An upgrade to cleartext HTTP/2 would carry requests past this proxy. */
  private static final String HTTP2 = "h2c";

  /** Announces request trailers, which are not forwarded. */
  private static final HttpString TRAILER = new HttpString("Trailer");

  private Heads() {}

  /** Returns the protocol that a request asks to switch to, if it can be tunnelled. */
  static Optional<String> upgrade(HttpServerExchange exchange, Framing body) {
    String protocol = exchange.getRequestHeaders().getFirst(Headers.UPGRADE);
    boolean proxyRequest =
        protocol != null
            && exchange.isHttp11()
            && body.empty()
            && !protocol.toLowerCase(Locale.ROOT).contains(HTTP2)
            && HopByHop.of(lines(exchange.getRequestHeaders(), Headers.CONNECTION))
                .names("upgrade");
    return proxyRequest ? Optional.ofNullable(protocol) : Optional.empty();
  }

  /**
   * Writes a request head for a backend, with its {@code Host} header, and with a signature if the
   * backend expects one.
   */
  static void request(
      HeadWriter out,
      HttpServerExchange exchange,
      ProxyRequest proxyRequest,
      Forwarding forwarding,
      Backend backend)
      throws IllegalCharacter {
    HeaderMap headers = exchange.getRequestHeaders();
    out.clear().word(exchange.getRequestMethod().toString(), "method").text(" ");
    out.word(proxyRequest.target(), "target").text(" HTTP/1.1\r\n");
    out.header("Host", backend.host().apply(Optional.ofNullable(headers.getFirst(Headers.HOST))));
    ForwardedClient client = proxyRequest.client();
    passedOn(out, headers, forwarding, client);
    forwarded(out, client);
    if (backend.signer().isPresent()) {
      out.header(
          SignedRequest.HEADER,
          backend.signer().get().of(signedRequest(exchange, proxyRequest.target(), client)));
    }
    if (proxyRequest.body().kind() == Framing.Kind.CHUNKED) {
      out.text("Transfer-Encoding: chunked\r\n");
    }
    if (proxyRequest.upgrade().isPresent()) {
      out.text("Connection: Upgrade\r\n").header("Upgrade", proxyRequest.upgrade().get());
    }
    out.text("\r\n");
  }

  private static void passedOn(
      HeadWriter out, HeaderMap headers, Forwarding forwarding, ForwardedClient client)
      throws IllegalCharacter {
    HopByHop connection = HopByHop.of(lines(headers, Headers.CONNECTION));
    for (long c = headers.fastIterateNonEmpty(); c != -1L; c = headers.fiNextNonEmpty(c)) {
      HeaderValues values = headers.fiCurrent(c);
      HttpString name = values.getHeaderName();
      String text = name.toString();
      if (!name.equals(Headers.HOST)
          && (name.equals(Headers.CONTENT_LENGTH)
              || !(connection.ends(text)
                  || name.equals(TRAILER)
                  || forwarding.drops(name, client)))) {
        for (int i = 0; i < values.size(); i++) {
          out.header(text, values.get(i));
        }
      }
    }
  }

  private static SignedRequest signedRequest(
      HttpServerExchange exchange, String target, ForwardedClient client) {
    return new SignedRequest(
        exchange.getRequestMethod().toString(),
        target,
        new SignedRequest.Client(
            client.address(),
            client.trusted(),
            client.forwardedFor(),
            client.proto(),
            client.host().orElse("")));
  }

  private static void forwarded(HeadWriter out, ForwardedClient client) throws IllegalCharacter {
    out.header("X-Forwarded-For", client.forwardedFor());
    out.header("X-Forwarded-Proto", client.proto());
    if (client.host().isPresent()) {
      out.header("X-Forwarded-Host", client.host().get());
    }
  }

  /** Writes the head of an interim or final response, without the final empty line. */
  static void response(HeadWriter out, HttpResponseHead head, Framing body)
      throws IllegalCharacter {
    out.text("HTTP/1.1 ").text(Integer.toString(head.status())).text(" ");
    out.text(head.reason()).text("\r\n");
    HopByHop connection = HopByHop.of(head.all("Connection"));
    boolean measured = head.status() == 204 || body.kind() == Framing.Kind.CHUNKED;
    for (Header header : head.headers()) {
      boolean length = header.name().equalsIgnoreCase("Content-Length");
      if (length ? !measured : !connection.ends(header.name())) {
        out.header(header.name(), header.value());
      }
      measured |= length;
    }
  }

  static List<String> lines(HeaderMap headers, HttpString name) {
    HeaderValues values = headers.get(name);
    return values == null ? List.of() : values;
  }
}
