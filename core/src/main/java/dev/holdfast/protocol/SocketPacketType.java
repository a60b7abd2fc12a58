package dev.holdfast.protocol;

/** The packet types of Socket.IO 5, in the order of their digits. */
public enum SocketPacketType {
  CONNECT(0),
  DISCONNECT(1),
  EVENT(2),
  ACK(3),
  CONNECT_ERROR(4),
  BINARY_EVENT(5),
  BINARY_ACK(6);

  private static final SocketPacketType[] BY_DIGIT = values();

  private final int digit;

  SocketPacketType(int digit) {
    this.digit = digit;
  }

  /** Returns the digit that stands for the type in a packet. */
  public int digit() {
    return digit;
  }

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
