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
 * @param sid the session's secret, of letters, digits, {@code -}, {@code _} and {@code .}
 * @param upgradable whether the client may go on to a WebSocket
 * @param maxPayload bytes of a polling body or a WebSocket message
 */
public record OpenPacket(
    String sid, boolean upgradable, Duration pingInterval, Duration pingTimeout, long maxPayload) {
  /** Refuses what the client would read as something else. */
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

  /** The text packet, type digit included; the five keys in the order of the reference server. */
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
