package dev.holdfast.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code GET /api/config} says to anybody. Immutable.
 *
 * @param heartbeatInterval how often Open WebUI wants {@code heartbeat} events of a session; empty
 *     if the answer is not Open WebUI's
 * @param knowsDocuments whether its version answers each event about a document
 */
record OpenWebUiConfig(Optional<Duration> heartbeatInterval, boolean knowsDocuments) {
  /** Of a server that has said nothing, or is no Open WebUI. */
  static final OpenWebUiConfig UNKNOWN = new OpenWebUiConfig(Optional.empty(), false);

  /** The first version that was tried: 0.8. */
  private static final int MINOR_WITH_DOCUMENTS = 8;

  private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(\\..*)?");

  /** What the page takes if the answer says nothing. */
  private static final Duration UNSAID = Duration.ofSeconds(30);

  // The bounds that Open WebUI sets itself.
  private static final int LEAST_SECONDS = 5;
  private static final int MOST_SECONDS = 90;

  /** Reads the answer; any JSON will do. */
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

  private static boolean hasDocuments(String text) {
    Matcher version = VERSION.matcher(text);
    return version.matches()
        && (Integer.parseInt(version.group(1)) > 0
            || Integer.parseInt(version.group(2)) >= MINOR_WITH_DOCUMENTS);
  }

  private static Duration bounded(long seconds) {
    return Duration.ofSeconds(Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS));
  }
}
