package dev.holdfast.upstream;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.http1.ForwardedClient;
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
 * The client headers and forwarding information that a link's handshake carries, as a proxied
 * request of that client would. Immutable.
 */
public final class LinkRequest {
  /** Headers of the client's own connection or handshake, in lower case. */
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
   * Captures what a link needs of a client's handshake.
   *
   * @param fromNode whether another node has forwarded it
   * @param target the endpoint's path and the application's part of the query string, up to and
   *     including {@code ?} or {@code &}
   */
  public static LinkRequest of(
      HeaderMap headers,
      ForwardedClient client,
      boolean fromNode,
      String target,
      Forwarding forwarding) {
    StringBuilder lines = new StringBuilder(512);
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
        target + "EIO=4&transport=websocket",
        // The Host header of a request from another node names this node.
        fromNode ? client.host() : Optional.ofNullable(headers.getFirst(Headers.HOST)));
  }

  /** Returns the names of hop-by-hop headers, including those that {@code Connection} lists. */
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
   * Returns the header lines that request a WebSocket. {@code Connection} has a single token
   * because Open WebUI splits it without trimming. No extension is offered: over a short distance
   * compression costs more than it saves.
   */
  static String upgrade(String key) {
    return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
        + "\r\nSec-WebSocket-Key: "
        + key
        + "\r\n";
  }

  /** Encodes the handshake request. */
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
