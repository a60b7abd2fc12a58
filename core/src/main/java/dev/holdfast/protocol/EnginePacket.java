package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * One Engine.IO 4 packet, as the payload of a WebSocket message.
 *
 * <pre>
 *   text     type digit, data    42["hello"]
 *   binary   data alone          always a message
 * </pre>
 *
 * @param binary whether the message is binary
 * @param frame the payload of the message, from position to limit
 */
public record EnginePacket(boolean binary, EnginePacketType type, ByteBuffer frame) {

  /** Checks that a binary packet is a message, since other types are text. */
  public EnginePacket {
    if (binary && type != EnginePacketType.MESSAGE) {
      throw new IllegalArgumentException("a binary packet of type " + type);
    }
  }

  /**
   * Decodes the payload of a text message; shares its bytes.
   *
   * @throws ProtocolException if the payload is empty or its type is unknown
   */
  public static EnginePacket text(ByteBuffer frame) throws ProtocolException {
    if (!frame.hasRemaining()) {
      throw new ProtocolException("empty engine packet");
    }
    return new EnginePacket(
        false, EnginePacketType.ofDigit(frame.get(frame.position())), frame.slice());
  }

  /** Returns the packet of a binary message; shares its bytes. */
  public static EnginePacket binary(ByteBuffer frame) {
    return new EnginePacket(true, EnginePacketType.MESSAGE, frame.slice());
  }

  /** Returns a view of the payload with a position of its own. */
  @Override
  public ByteBuffer frame() {
    return frame.duplicate();
  }

  /** Returns a view of the data after the type digit; of the whole payload if it is binary. */
  public ByteBuffer data() {
    ByteBuffer view = frame.duplicate();
    return binary ? view : view.position(view.position() + 1).slice();
  }
}
