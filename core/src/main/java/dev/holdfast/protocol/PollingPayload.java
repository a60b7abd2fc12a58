package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The body of a polling request or response: one or more packets, separated by 0x1E.
 *
 * <pre>
 *   payload = packet *( %x1E packet )
 *   packet  = type digit, data    4hello
 *           / "b" base64          bAQIDBA==
 * </pre>
 *
 * @see <a href="https://socket.io/docs/v4/engine-io-protocol/#http-long-polling-1">Engine.IO 4</a>
 */
public final class PollingPayload {
  private static final byte SEPARATOR = 0x1e;
  private static final byte BINARY = 'b';

  private PollingPayload() {}

  /** The maximum size of a payload: encoded bytes, and number of packets. */
  public record Limits(int bytes, int packets) {}

  /**
   * Decodes all packets between position and limit; none if there are no bytes. Text packets are
   * views of the payload, which must not change while they are in use.
   *
   * @throws ProtocolException if the payload is malformed (1002), not UTF-8 (1007) or over a limit
   *     (1009); none of its packets may be used
   */
  public static List<EnginePacket> decode(ByteBuffer payload, Limits limits)
      throws ProtocolException {
    if (!payload.hasRemaining()) {
      return List.of();
    }
    if (payload.remaining() > limits.bytes()) {
      throw new ProtocolException(
          CloseCode.TOO_BIG,
          "payload of %d bytes, at most %d".formatted(payload.remaining(), limits.bytes()));
    }
    int count = packets(payload);
    if (count > limits.packets()) {
      throw new ProtocolException(
          CloseCode.TOO_BIG,
          "payload of %d packets, at most %d".formatted(count, limits.packets()));
    }
    if (!isUtf8(payload)) {
      throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "payload is not UTF-8");
    }
    List<EnginePacket> packets = new ArrayList<>(count);
    int start = payload.position();
    for (int at = start; at <= payload.limit(); at++) {
      if (at == payload.limit() || payload.get(at) == SEPARATOR) {
        packets.add(packet(payload.slice(start, at - start)));
        start = at + 1;
      }
    }
    return packets;
  }

  private static int packets(ByteBuffer payload) {
    int count = 1;
    for (int at = payload.position(); at < payload.limit(); at++) {
      if (payload.get(at) == SEPARATOR) {
        count++;
      }
    }
    return count;
  }

  private static boolean isUtf8(ByteBuffer payload) {
    int state = Utf8.check(payload, payload.position(), payload.limit(), 0, Utf8.START);
    return state == Utf8.START;
  }

  private static EnginePacket packet(ByteBuffer encoded) throws ProtocolException {
    if (encoded.hasRemaining() && encoded.get(0) == BINARY) {
      return EnginePacket.binary(base64(encoded.position(1)));
    }
    return EnginePacket.text(encoded);
  }

  /**
   * Decodes base64 as both python-engineio and npm's engine.io do: they skip bytes outside the
   * alphabet, such as the line breaks of Java clients, and bytes after the padding. Padding may be
   * missing, as engine.io allows. Input that they decode differently is refused.
   */
  private static ByteBuffer base64(ByteBuffer encoded) throws ProtocolException {
    byte[] data = new byte[encoded.remaining()];
    int count = 0;
    int pads = 0;
    while (encoded.hasRemaining()) {
      byte octet = encoded.get();
      int quantum = count % 4;
      boolean padded = quantum >= 2 && quantum + pads >= 4;
      boolean letter = isBase64(octet);
      if (octet < 0 || (!padded && (octet == '-' || octet == '_' || (letter && pads > 0)))) {
        throw new ProtocolException("binary packet is not base64");
      }
      if (!padded && letter) {
        data[count++] = octet;
      }
      pads += octet == '=' ? 1 : 0;
    }
    try {
      return Base64.getDecoder().decode(ByteBuffer.wrap(data, 0, count));
    } catch (IllegalArgumentException malformed) {
      throw new ProtocolException("binary packet is not base64");
    }
  }

  private static boolean isBase64(byte octet) {
    return (octet >= 'A' && octet <= 'Z')
        || (octet >= 'a' && octet <= 'z')
        || (octet >= '0' && octet <= '9')
        || octet == '+'
        || octet == '/';
  }

  /** Returns the encoded size of a packet in bytes, without a separator. */
  public static long length(EnginePacket packet) {
    long length = packet.frame().remaining();
    return packet.binary() ? 1 + 4 * ((length + 2) / 3) : length;
  }

  /** Encodes one or more packets. {@link #decode} of the payload returns equal packets. */
  public static ByteBuffer encode(List<EnginePacket> packets) {
    if (packets.isEmpty()) {
      throw new IllegalArgumentException("a payload has at least one packet");
    }
    long length = packets.size() - 1L;
    for (EnginePacket packet : packets) {
      length += length(packet);
    }
    ByteBuffer payload = ByteBuffer.allocate(Math.toIntExact(length));
    for (EnginePacket packet : packets) {
      if (payload.position() > 0) {
        payload.put(SEPARATOR);
      }
      if (packet.binary()) {
        payload.put(BINARY).put(Base64.getEncoder().encode(packet.frame()));
      } else {
        payload.put(packet.frame());
      }
    }
    return payload.flip();
  }
}
