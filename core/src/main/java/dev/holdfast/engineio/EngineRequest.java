package dev.holdfast.engineio;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** Parameters that are not the application's. {@code b64} is a flag of older revisions. */
  private static final Set<String> KNOWN = Set.of("EIO", "transport", "sid", "j", "t", "b64");

  /**
   * Parses a query string as Open WebUI's server does: decodes escapes, ignores parameters without
   * a value and uses the first of several with one name. Only {@code EIO} must not be repeated.
   */
  static EngineRequest of(String query) {
    Map<String, String> known = new HashMap<>();
    StringBuilder rest = new StringBuilder();
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = decode(equals < 0 ? parameter : parameter.substring(0, equals));
      String value = decode(equals < 0 ? "" : parameter.substring(equals + 1));
      if (!KNOWN.contains(name)) {
        if (!parameter.isEmpty()) {
          rest.append(parameter).append('&');
        }
      } else if (!value.isEmpty()) {
        known.merge(name, value, (first, next) -> name.equals("EIO") ? first + "," + next : first);
      }
    }
    return new EngineRequest(
        Optional.ofNullable(known.get("EIO")),
        Optional.ofNullable(known.get("transport")),
        Optional.ofNullable(known.get("sid")),
        Optional.ofNullable(known.get("t")).filter(it -> it.length() <= LONGEST_TIMESTAMP),
        known.containsKey("j"),
        rest.toString());
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
