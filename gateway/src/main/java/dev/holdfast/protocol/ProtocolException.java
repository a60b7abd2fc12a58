package dev.holdfast.protocol;

/**
 * A peer broke a protocol. The text says what was found and what is allowed, and holds nothing
 * secret; the close code is what a WebSocket to that peer is closed with (RFC 6455 §7.4.1).
 *
 * <p>Immutable.
 */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int closeCode;

  /** A breach that is answered with 1002, protocol error. */
  public ProtocolException(String message) {
    this(CloseCode.PROTOCOL_ERROR, message);
  }

  /** A breach that is answered with the given close code. */
  public ProtocolException(int closeCode, String message) {
    super(message);
    this.closeCode = closeCode;
  }

  /** The code to close a WebSocket with. */
  public int closeCode() {
    return closeCode;
  }
}
