package dev.holdfast.protocol;

/** The packet types of Socket.IO 5, in the order of their digits. */
public enum SocketPacketType {
  CONNECT,
  DISCONNECT,
  EVENT,
  ACK,
  CONNECT_ERROR,
  BINARY_EVENT,
  BINARY_ACK;

  private static final SocketPacketType[] BY_DIGIT = values();

  /** Returns whether binary attachments follow the packet. */
  public boolean isBinary() {
    return this == BINARY_EVENT || this == BINARY_ACK;
  }

  static SocketPacketType ofDigit(int octet) throws ProtocolException {
    int digit = octet - '0';
    if (digit < 0 || digit >= BY_DIGIT.length) {
      throw new ProtocolException(
          octet < 0 ? "a Socket.IO packet is empty" : "unknown Socket.IO packet type " + octet);
    }
    return BY_DIGIT[digit];
  }
}
