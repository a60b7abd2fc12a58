package dev.holdfast.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * The relevant part of the public {@code GET /api/config}. Immutable.
 *
 * @param heartbeatInterval how often Open WebUI expects {@code heartbeat} events of a session;
 *     empty if the response is not Open WebUI's
 * @param knowsDocuments whether its version acknowledges each document event
 */
record OpenWebUiConfig(Optional<Duration> heartbeatInterval, boolean knowsDocuments) {
  /** The config of a server that has not responded or is not Open WebUI. */
  static final OpenWebUiConfig UNKNOWN = new OpenWebUiConfig(Optional.empty(), false);

  /** The oldest minor version tested: 0.8. */
  private static final int MINOR_WITH_DOCUMENTS = 8;

  private static final int VERSION_DIGITS = 4;

  /** The page's default. */
  private static final Duration UNSAID = Duration.ofSeconds(30);

  // The bounds that Open WebUI enforces.
  private static final int LEAST_SECONDS = 5;
  private static final int MOST_SECONDS = 90;

  /** Reads any JSON response. */
  static OpenWebUiConfig read(JsonNode answer) {
    JsonNode features = answer.path("features");
    if (!features.isObject()) {
      return UNKNOWN;
    }
    JsonNode seconds = features.path("websocket_heartbeat_interval");
    return new OpenWebUiConfig(
        Optional.of(seconds.isNumber() ? bounded(seconds.asLong()) : UNSAID),
        hasDocuments(answer.path("version").asText()));
  }

  /** Parses a version {@code major.minor}, optionally followed by a dot and more. */
  private static boolean hasDocuments(String version) {
    int dot = version.indexOf('.');
    int next = version.indexOf('.', dot + 1);
    int major = number(version.substring(0, Math.max(0, dot)));
    int minor = number(version.substring(dot + 1, next < 0 ? version.length() : next));
    return major >= 0 && minor >= 0 && (major > 0 || minor >= MINOR_WITH_DOCUMENTS);
  }

  /** Returns -1 if the text is not a number. */
  private static int number(String digits) {
    boolean valid =
        !digits.isEmpty()
            && digits.length() <= VERSION_DIGITS
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return valid ? Integer.parseInt(digits) : -1;
  }

  private static Duration bounded(long seconds) {
    return Duration.ofSeconds(Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS));
  }
}
