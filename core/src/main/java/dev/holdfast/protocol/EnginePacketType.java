package dev.holdfast.protocol;

import java.util.List;

/**
 * The types of Engine.IO 4 packets, each encoded as one ASCII digit before the data.
 *
 * <p>Immutable.
 */
public enum EnginePacketType {
  /** Server to client: the first packet, {@link OpenPacket}. */
  OPEN('0'),
  /** Closes the session; only polling clients understand it. */
  CLOSE('1'),
  /** Server to client; {@code 2probe} from the client while it upgrades. */
  PING('2'),
  /** Client to server; {@code 3probe} to the client while it upgrades. */
  PONG('3'),
  /** A Socket.IO packet. */
  MESSAGE('4'),
  /** Client to server: the upgraded transport takes over. */
  UPGRADE('5'),
  /** Server to client: ends a poll that has no other packet. */
  NOOP('6');

  private static final List<EnginePacketType> BY_DIGIT = List.of(values());

  private final byte digit;

  EnginePacketType(char digit) {
    this.digit = (byte) digit;
  }

  /** Returns the digit of this type. */
  public byte digit() {
    return digit;
  }

  /**
   * Returns the type of a packet that begins with this byte.
   *
   * @throws ProtocolException if there is no such type
   */
  public static EnginePacketType ofDigit(byte digit) throws ProtocolException {
    int index = digit - '0';
    if (index < 0 || index >= BY_DIGIT.size()) {
      throw new ProtocolException(
          "unknown engine packet type 0x%02x, allowed are 0 to 6".formatted(digit & 0xff));
    }
    return BY_DIGIT.get(index);
  }
}
