package dev.holdfast.protocol;

/** Frame opcodes of RFC 6455 section 5.2, as encoded in the header's first byte. */
public final class Opcode {
  /** Continues a fragmented message. */
  public static final int CONTINUATION = 0x0;

  /** UTF-8 text. */
  public static final int TEXT = 0x1;

  /** Binary data. */
  public static final int BINARY = 0x2;

  /** Closes the connection. */
  public static final int CLOSE = 0x8;

  /** Requests a pong. */
  public static final int PING = 0x9;

  /** Answers a ping, or is unsolicited. */
  public static final int PONG = 0xA;

  private Opcode() {}

  /** Returns whether this is the opcode of control frames, which are short and never fragmented. */
  public static boolean isControl(int opcode) {
    return opcode >= CLOSE;
  }

  static boolean isKnown(int opcode) {
    return opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
  }
}
