package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * One Engine.IO 4 packet, held as a WebSocket message carries it.
 *
 * <pre>
 *   text     type digit, data    42["hello"]
 *   binary   data alone          always a message
 * </pre>
 *
 * @param binary whether the message is binary
 * @param frame the payload of that message, from position to limit
 */
public record EnginePacket(boolean binary, EnginePacketType type, ByteBuffer frame) {

  /** A binary packet is a message and nothing else. */
  public EnginePacket {
    if (binary && type != EnginePacketType.MESSAGE) {
      throw new IllegalArgumentException("a binary packet of type " + type);
    }
  }

  /** Reads the payload of a text message; its bytes are shared, not copied. */
  public static EnginePacket text(ByteBuffer frame) throws ProtocolException {
    if (!frame.hasRemaining()) {
      throw new ProtocolException("empty engine packet");
    }
    return new EnginePacket(
        false, EnginePacketType.ofDigit(frame.get(frame.position())), frame.slice());
  }

  /** The packet of a binary message; its bytes are shared, not copied. */
  public static EnginePacket binary(ByteBuffer frame) {
    return new EnginePacket(true, EnginePacketType.MESSAGE, frame.slice());
  }

  /** A view of the payload, with a position of its own. */
  @Override
  public ByteBuffer frame() {
    return frame.duplicate();
  }

  /** A view of what follows the type digit, or of all of a binary packet. */
  public ByteBuffer data() {
    ByteBuffer view = frame.duplicate();
    return binary ? view : view.position(view.position() + 1).slice();
  }
}
