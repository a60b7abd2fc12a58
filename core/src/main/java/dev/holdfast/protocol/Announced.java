package dev.holdfast.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;

/**
 * The limits in a server's Engine.IO open packet. Immutable.
 *
 * @param maxPayload size of the largest message the server accepts, in bytes
 */
public record Announced(Duration pingInterval, Duration pingTimeout, long maxPayload) {
  /** The defaults of python-engineio. */
  public static final Announced DEFAULT =
      new Announced(Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000);

  /** The largest delay of a browser timer; longer intervals are capped. */
  private static final long MOST_MILLIS = Integer.MAX_VALUE;

  private static final JsonMapper JSON = PeerJson.mapper();

  /**
   * Parses an open packet, {@code 0{"sid":…}}. Missing values default to {@link #DEFAULT}: servers
   * before python-engineio 4.11 omit {@code maxPayload}, and announce an interval below one second
   * as 0.
   */
  public static Announced read(String openPacket) throws ProtocolException {
    if (!openPacket.startsWith("0{")) {
      throw new ProtocolException("the first packet is not an open packet");
    }
    try {
      JsonNode open = JSON.readTree(openPacket.substring(1));
      if (!open.path("sid").isTextual()) {
        throw new ProtocolException("the open packet has no sid");
      }
      return new Announced(
          millis(open.path("pingInterval"), DEFAULT.pingInterval),
          millis(open.path("pingTimeout"), DEFAULT.pingTimeout),
          positive(open.path("maxPayload"), DEFAULT.maxPayload));
    } catch (JsonProcessingException malformed) {
      throw new ProtocolException("the open packet is not JSON");
    }
  }

  private static Duration millis(JsonNode node, Duration otherwise) {
    return Duration.ofMillis(Math.min(positive(node, otherwise.toMillis()), MOST_MILLIS));
  }

  private static long positive(JsonNode node, long otherwise) {
    return node.asLong() > 0 ? node.asLong() : otherwise;
  }
}
