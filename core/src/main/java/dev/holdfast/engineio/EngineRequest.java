package dev.holdfast.engineio;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a request to the Engine.IO endpoint.
 *
 * @param eio the revision, {@code 4}
 * @param transport {@code polling} or {@code websocket}
 * @param sid the session's secret; empty for a handshake
 * @param timestamp value of {@code t}, different for each request of a client; empty if absent
 * @param jsonp whether JSONP is requested, which no client of revision 4 does
 * @param application all other parameters, undecoded, each followed by {@code &}
 */
public record EngineRequest(
    Optional<String> eio,
    Optional<String> transport,
    Optional<String> sid,
    Optional<String> timestamp,
    boolean jsonp,
    String application) {
  /** Maximum length of a timestamp in characters; clients send 7 to 20. A longer one is ignored. */
  private static final int LONGEST_TIMESTAMP = 64;

  /**
   * Parses a query string as Open WebUI's server does: decodes escapes, ignores parameters without
   * a value and uses the first of several with one name. Only {@code EIO} must not be repeated.
   */
  static EngineRequest of(String query) {
    String eio = null;
    String transport = null;
    String sid = null;
    String timestamp = null;
    boolean jsonp = false;
    StringBuilder rest = new StringBuilder();
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = decode(equals < 0 ? parameter : parameter.substring(0, equals));
      String value = decode(equals < 0 ? "" : parameter.substring(equals + 1));
      boolean said = !value.isEmpty();
      switch (name) {
        case "EIO" -> eio = said && eio != null ? eio + "," + value : first(eio, value);
        case "transport" -> transport = first(transport, value);
        case "sid" -> sid = first(sid, value);
        case "j" -> jsonp |= said;
        case "t" -> timestamp = first(timestamp, value);
        case "b64" -> {
          // A flag of older revisions, which the application does not need.
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
        Optional.ofNullable(timestamp).filter(it -> it.length() <= LONGEST_TIMESTAMP),
        jsonp,
        rest.toString());
  }

  private static @Nullable String first(@Nullable String before, String value) {
    return before == null && !value.isEmpty() ? value : before;
  }

  /**
   * Decodes escapes. Text with a malformed escape stays unchanged and matches no known name or
   * value.
   */
  private static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }

  /** Returns whether long-polling is requested. */
  boolean isPolling() {
    return transport.filter("polling"::equals).isPresent();
  }

  /** Returns whether a WebSocket is requested. */
  public boolean isWebSocket() {
    return transport.filter("websocket"::equals).isPresent();
  }
}
