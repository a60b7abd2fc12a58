package dev.holdfast.protocol;

import java.time.Duration;

/**
 * The first packet of an Engine.IO 4 session, from server to client.
 *
 * <pre>
 *   0{"sid":"…","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
 * </pre>
 *
 * <p>Immutable.
 *
 * @param sid the session id, a secret, of letters, digits, {@code -}, {@code _} and {@code .}
 * @param upgradable whether the client may upgrade to a WebSocket
 * @param maxPayload maximum size of a polling body or a WebSocket message, in bytes
 */
public record OpenPacket(
    String sid, boolean upgradable, Duration pingInterval, Duration pingTimeout, long maxPayload) {
  /** Rejects a session id that the client would misread. */
  public OpenPacket {
    if (sid.isEmpty() || !sid.chars().allMatch(OpenPacket::isAllowed)) {
      throw new IllegalArgumentException("a session id has letters, digits, '-', '_' and '.' only");
    }
  }

  private static boolean isAllowed(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  /** Encodes the packet with its type digit; the five keys are in the reference server's order. */
  public String encode() {
    return "0{\"sid\":\""
        + sid
        + "\",\"upgrades\":"
        + (upgradable ? "[\"websocket\"]" : "[]")
        + ",\"pingInterval\":"
        + pingInterval.toMillis()
        + ",\"pingTimeout\":"
        + pingTimeout.toMillis()
        + ",\"maxPayload\":"
        + maxPayload
        + '}';
  }
}
