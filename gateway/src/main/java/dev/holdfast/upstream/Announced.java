package dev.holdfast.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.ProtocolException;
import java.time.Duration;

/**
 * What an upstream announces in its Engine.IO open packet; the gateway announces the same to
 * clients. Immutable.
 *
 * @param maxPayload bytes of the largest message that the upstream takes
 */
public record Announced(Duration pingInterval, Duration pingTimeout, long maxPayload) {
  /** What python-engineio does when nothing is set. */
  public static final Announced DEFAULT =
      new Announced(Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000);

  /** What a browser's timers take at most; a longer time is no time to wait for a ping. */
  private static final long MOST_MILLIS = Integer.MAX_VALUE;

  private static final JsonMapper JSON = PeerJson.mapper();

  /**
   * Reads an open packet, {@code 0{"sid":…}}. What it does not say is as in {@link #DEFAULT}:
   * servers before python-engineio 4.11 leave out {@code maxPayload}, and an interval below one
   * second is announced as 0.
   */
  public static Announced read(String openPacket) throws ProtocolException {
    if (!openPacket.startsWith("0{")) {
      throw new ProtocolException("the upstream's first packet is not an open packet");
    }
    try {
      JsonNode open = JSON.readTree(openPacket.substring(1));
      if (!open.path("sid").isTextual()) {
        throw new ProtocolException("the upstream's open packet has no sid");
      }
      return new Announced(
          millis(open.path("pingInterval"), DEFAULT.pingInterval),
          millis(open.path("pingTimeout"), DEFAULT.pingTimeout),
          positive(open.path("maxPayload"), DEFAULT.maxPayload));
    } catch (JsonProcessingException malformed) {
      throw new ProtocolException("the upstream's open packet is not JSON");
    }
  }

  private static Duration millis(JsonNode node, Duration otherwise) {
    return Duration.ofMillis(Math.min(positive(node, otherwise.toMillis()), MOST_MILLIS));
  }

  private static long positive(JsonNode node, long otherwise) {
    return node.asLong() > 0 ? node.asLong() : otherwise;
  }
}
