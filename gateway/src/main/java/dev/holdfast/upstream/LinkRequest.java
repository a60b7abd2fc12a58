package dev.holdfast.upstream;

import dev.holdfast.config.Settings;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a link's handshake says about the client that it is opened for: its own headers, unchanged,
 * and who forwards them. Immutable.
 */
public final class LinkRequest {
  private static final List<HttpString> PASSED =
      List.of(
          Headers.COOKIE,
          Headers.AUTHORIZATION,
          Headers.USER_AGENT,
          Headers.ORIGIN,
          Headers.ACCEPT_LANGUAGE,
          Headers.FORWARDED,
          new HttpString("X-Real-IP"));

  private final byte[] clientHeaders;
  private final String target;

  LinkRequest(byte[] clientHeaders, String target) {
    this.clientHeaders = clientHeaders;
    this.target = target;
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
    for (HttpString name : PASSED) {
      add(lines, headers, name, forwarding, client);
    }
    for (String name : settings.auth().trustedHeaders()) {
      add(lines, headers, new HttpString(name), forwarding, client);
    }
    line(lines, "X-Forwarded-For", client.forwardedFor());
    line(lines, "X-Forwarded-Proto", client.proto());
    client.host().ifPresent(host -> line(lines, "X-Forwarded-Host", host));
    return new LinkRequest(
        lines.toString().getBytes(StandardCharsets.ISO_8859_1),
        settings.socketio().path() + "?" + query + "EIO=4&transport=websocket");
  }

  private static void add(
      StringBuilder lines,
      HeaderMap headers,
      HttpString name,
      Forwarding forwarding,
      Forwarding.Client client) {
    HeaderValues values = headers.get(name);
    if (values != null && !forwarding.drops(name, client)) {
      values.forEach(value -> line(lines, name.toString(), value));
    }
  }

  private static void line(StringBuilder lines, String name, String value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * The handshake. Open WebUI splits {@code Connection} without trimming, so it has one word; no
   * extension is offered, since compression on a short way costs more than it saves.
   */
  byte[] encode(Upstream upstream, String key) {
    byte[] head =
        ("GET "
                + target
                + " HTTP/1.1\r\nHost: "
                + upstream.hostHeader()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                + "\r\nSec-WebSocket-Key: "
                + key
                + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = new byte[head.length + clientHeaders.length + 2];
    System.arraycopy(head, 0, request, 0, head.length);
    System.arraycopy(clientHeaders, 0, request, head.length, clientHeaders.length);
    request[request.length - 2] = '\r';
    request[request.length - 1] = '\n';
    return request;
  }
}
