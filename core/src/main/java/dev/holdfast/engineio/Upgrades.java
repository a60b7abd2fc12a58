package dev.holdfast.engineio;

import dev.holdfast.protocol.HandshakeKey;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/** The server side of the WebSocket handshake, RFC 6455 section 4.2. */
final class Upgrades {
  private static final String VERSION = "13";

  private Upgrades() {}

  /** Returns whether a request is a handshake that the server can complete. */
  static boolean isUpgrade(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    String key = headers.getFirst(Headers.SEC_WEB_SOCKET_KEY);
    return has(headers.get(Headers.UPGRADE), "websocket")
        && has(headers.get(Headers.CONNECTION), "upgrade")
        && VERSION.equals(headers.getFirst(Headers.SEC_WEB_SOCKET_VERSION))
        && key != null
        && HandshakeKey.isValid(key.trim());
  }

  private static boolean has(@Nullable HeaderValues values, String word) {
    if (values == null) {
      return false;
    }
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        if (part.trim().toLowerCase(Locale.ROOT).equals(word)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Responds with 101 and passes the connection to {@code then} on its I/O thread. */
  static void accept(HttpServerExchange exchange, Consumer<StreamConnection> then) {
    String key = String.valueOf(exchange.getRequestHeaders().getFirst(Headers.SEC_WEB_SOCKET_KEY));
    exchange
        .getResponseHeaders()
        .put(Headers.SEC_WEB_SOCKET_ACCEPT, HandshakeKey.accept(key.trim()));
    // Overrides any other option of Connection, as no further request follows.
    exchange.setPersistent(true);
    exchange.upgradeChannel("websocket", (connection, upgraded) -> then.accept(connection));
    exchange.endExchange();
  }
}
