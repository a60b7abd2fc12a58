package dev.holdfast.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code GET /api/config} says to anybody. Immutable.
 *
 * @param heartbeatInterval how often Open WebUI wants {@code heartbeat} events of a session; empty
 *     if the answer is not Open WebUI's
 */
record OpenWebUiConfig(Optional<Duration> heartbeatInterval) {
  /** What the page takes if the answer says nothing. */
  private static final Duration UNSAID = Duration.ofSeconds(30);

  // The bounds that Open WebUI sets itself.
  private static final int LEAST_SECONDS = 5;
  private static final int MOST_SECONDS = 90;

  /** Reads the answer; any JSON will do. */
  static OpenWebUiConfig read(JsonNode answer) {
    JsonNode features = answer.path("features");
    if (!features.isObject()) {
      return new OpenWebUiConfig(Optional.empty());
    }
    JsonNode seconds = features.path("websocket_heartbeat_interval");
    return new OpenWebUiConfig(
        Optional.of(seconds.isNumber() ? bounded(seconds.asLong()) : UNSAID));
  }

  private static Duration bounded(long seconds) {
    return Duration.ofSeconds(Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS));
  }
}
