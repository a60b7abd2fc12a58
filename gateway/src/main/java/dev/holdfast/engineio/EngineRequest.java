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
 * @param timestamp what tells the request from all others of its client; empty if the client sets
 *     none
 * @param jsonp whether JSONP is asked for, which no client of revision 4 does
 * @param application everything else, as it came, each parameter followed by {@code &}
 */
public record EngineRequest(
    Optional<String> eio,
    Optional<String> transport,
    Optional<String> sid,
    Optional<String> timestamp,
    boolean jsonp,
    String application) {
  /** Characters of a timestamp; clients send 7 to 20. A longer one counts as none. */
  private static final int LONGEST_TIMESTAMP = 64;

  /**
   * Reads a query string as Open WebUI's server does: escapes are decoded, a parameter without a
   * value is absent, and of several with one name the first counts. Only the revision has to be
   * said once.
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
          // A flag of older revisions: none of the application's business.
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

  /** What is not escaped well stays as it is, and so is no name or value that is looked for. */
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

  boolean isPolling() {
    return transport.filter("polling"::equals).isPresent();
  }

  /** Whether it asks for a WebSocket. */
  public boolean isWebSocket() {
    return transport.filter("websocket"::equals).isPresent();
  }
}
