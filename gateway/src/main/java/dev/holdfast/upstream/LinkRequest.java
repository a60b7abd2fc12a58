package dev.holdfast.upstream;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Settings;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a link's handshake says about the client that it is opened for: its own headers, unchanged,
 * as a request of that client would have them, and who forwards them. Immutable.
 */
public final class LinkRequest {
  /** Those of the client's own connection or handshake, in lower case. */
  private static final Set<String> OWN =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "content-length",
          "content-type",
          "expect",
          "upgrade",
          "http2-settings",
          SignedRequest.HEADER.toLowerCase(Locale.ROOT),
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-extensions",
          "sec-websocket-protocol");

  private final byte[] clientHeaders;
  private final String target;
  private final Optional<String> clientHost;

  LinkRequest(byte[] clientHeaders, String target, Optional<String> clientHost) {
    this.clientHeaders = clientHeaders;
    this.target = target;
    this.clientHost = clientHost;
  }

  /**
   * Remembers what a link needs of a client's handshake.
   *
   * @param query what the application put into the query string, ending with {@code &}, or empty
   */
  public static LinkRequest of(
      HttpServerExchange exchange, String query, Settings settings, Forwarding forwarding) {
    Forwarding.Client client = forwarding.client(exchange);
    StringBuilder lines = new StringBuilder(512);
    HeaderMap headers = exchange.getRequestHeaders();
    Set<String> ended = ended(headers);
    for (HeaderValues values : headers) {
      HttpString name = values.getHeaderName();
      if (!ended.contains(lower(name.toString())) && !forwarding.drops(name, client)) {
        values.forEach(value -> line(lines, name.toString(), value));
      }
    }
    line(lines, "X-Forwarded-For", client.forwardedFor());
    line(lines, "X-Forwarded-Proto", client.proto());
    client.host().ifPresent(host -> line(lines, "X-Forwarded-Host", host));
    return new LinkRequest(
        lines.toString().getBytes(StandardCharsets.ISO_8859_1),
        settings.get(EdgeKeys.PATH) + "?" + query + "EIO=4&transport=websocket",
        // A request from another node has the Host of this one.
        Forwarding.isVouched(exchange)
            ? client.host()
            : Optional.ofNullable(headers.getFirst(Headers.HOST)));
  }

  /** The headers that are for this node alone, those that {@code Connection} names included. */
  private static Set<String> ended(HeaderMap headers) {
    HeaderValues lists = headers.get(Headers.CONNECTION);
    Set<String> names = new HashSet<>(OWN);
    if (lists != null) {
      for (String list : lists) {
        for (String name : list.split(",", -1)) {
          names.add(lower(name.strip()));
        }
      }
    }
    return names;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static void line(StringBuilder lines, String name, String value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * The lines that ask for a WebSocket. Open WebUI splits {@code Connection} without trimming, so
   * it has one word; no extension is offered, since compression on a short way costs more than it
   * saves.
   */
  static String upgrade(String key) {
    return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
        + "\r\nSec-WebSocket-Key: "
        + key
        + "\r\n";
  }

  /** The handshake. */
  byte[] encode(Upstream upstream, String key) {
    byte[] head =
        ("GET "
                + target
                + " HTTP/1.1\r\nHost: "
                + upstream.hostFor(clientHost)
                + "\r\n"
                + upgrade(key))
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = new byte[head.length + clientHeaders.length + 2];
    System.arraycopy(head, 0, request, 0, head.length);
    System.arraycopy(clientHeaders, 0, request, head.length, clientHeaders.length);
    request[request.length - 2] = '\r';
    request[request.length - 1] = '\n';
    return request;
  }
}
