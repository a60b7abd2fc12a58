package dev.holdfast.protocol;

/**
 * Thrown when a peer breaks a protocol. The message states what was found and what is allowed, and
 * contains no secrets. A WebSocket to that peer is closed with the close code (RFC 6455 section
 * 7.4.1).
 *
 * <p>Immutable.
 */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int closeCode;

  /** Creates an exception with close code 1002, protocol error. */
  public ProtocolException(String message) {
    this(CloseCode.PROTOCOL_ERROR, message);
  }

  /** Creates an exception with the given close code. */
  public ProtocolException(int closeCode, String message) {
    super(message);
    this.closeCode = closeCode;
  }

  /** Returns the code to close a WebSocket with. */
  public int closeCode() {
    return closeCode;
  }
}
