package dev.holdfast.edge;

import java.util.Locale;
import java.util.Optional;

/**
 * The query parameters of a request to the Engine.IO endpoint. Names are read in any case, since
 * some middleboxes change it.
 *
 * @param eio the revision, {@code 4}
 * @param transport {@code polling} or {@code websocket}
 * @param sid the session's secret; empty for a handshake
 * @param jsonp whether JSONP is asked for, which no client of revision 4 does
 * @param application everything else, as it came, each parameter followed by {@code &}
 */
public record EngineRequest(
    Optional<String> eio,
    Optional<String> transport,
    Optional<String> sid,
    boolean jsonp,
    String application) {
  /** Reads a query string. */
  static EngineRequest of(String query) {
    String eio = null;
    String transport = null;
    String sid = null;
    boolean jsonp = false;
    StringBuilder rest = new StringBuilder();
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      switch (name.toLowerCase(Locale.ROOT)) {
        case "eio" -> eio = value;
        case "transport" -> transport = value;
        case "sid" -> sid = value;
        case "j" -> jsonp = true;
        case "t", "b64" -> {
          // A cache buster and a flag of older revisions: none of the application's business.
        }
        default -> {
          if (!parameter.isEmpty()) {
            rest.append(parameter).append('&');
          }
        }
      }
    }
    return new EngineRequest(
        Optional.ofNullable(eio),
        Optional.ofNullable(transport),
        Optional.ofNullable(sid),
        jsonp,
        rest.toString());
  }

  boolean isPolling() {
    return transport.filter("polling"::equals).isPresent();
  }

  boolean isWebSocket() {
    return transport.filter("websocket"::equals).isPresent();
  }
}
