package dev.holdfast.protocol;

import java.util.List;

/**
 * The types of Engine.IO 4 packets; on the wire each is one ASCII digit in front of the data.
 *
 * <p>Immutable.
 */
public enum EnginePacketType {
  /** Server to client, the first packet: {@link OpenPacket}. */
  OPEN('0'),
  /** The session is over; only polling clients understand it. */
  CLOSE('1'),
  /** Server to client; {@code 2probe} from the client while it upgrades. */
  PING('2'),
  /** Client to server; {@code 3probe} to the client while it upgrades. */
  PONG('3'),
  /** A Socket.IO packet. */
  MESSAGE('4'),
  /** Client to server: the upgraded transport takes over. */
  UPGRADE('5'),
  /** Server to client: answers a poll that has nothing to say. */
  NOOP('6');

  private static final List<EnginePacketType> BY_DIGIT = List.of(values());

  private final byte digit;

  EnginePacketType(char digit) {
    this.digit = (byte) digit;
  }

  /** The digit that stands for this type. */
  public byte digit() {
    return digit;
  }

  /** The type that a packet's first byte stands for. */
  public static EnginePacketType ofDigit(byte digit) throws ProtocolException {
    int index = digit - '0';
    if (index < 0 || index >= BY_DIGIT.size()) {
      throw new ProtocolException(
          "unknown engine packet type 0x%02x, allowed are 0 to 6".formatted(digit & 0xff));
    }
    return BY_DIGIT.get(index);
  }
}
