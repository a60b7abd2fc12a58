package dev.holdfast.wire;

import dev.holdfast.protocol.CloseCode;

/**
 * How a WebSocket ended.
 *
 * @param code a close code of RFC 6455 section 7.4; 1006 if there was no close frame
 * @param cause which side or event ended it
 * @param detail a sentence for the log, without secrets
 * @param reason the reason in the peer's close frame; must not be logged if the peer is untrusted
 */
public record WebSocketClosed(int code, Cause cause, String detail, String reason) {
  /** Creates an instance without a reason from the peer. */
  public WebSocketClosed(int code, Cause cause, String detail) {
    this(code, cause, detail, "");
  }

  /** Which side or event ended a WebSocket. */
  public enum Cause {
    /** The peer sent a close frame. */
    PEER,
    /** The connection ended without a close frame. */
    BROKEN,
    /** The peer broke the protocol. */
    PROTOCOL,
    /** The peer's message exceeds the limit. */
    TOO_BIG,
    /** No memory is left for the peer's messages. */
    NO_MEMORY,
    /** An internal error of the gateway. */
    INTERNAL;

    /** Returns the cause for the close code that is sent to the peer. */
    static Cause ofRefusal(int closeCode) {
      return switch (closeCode) {
        case CloseCode.TOO_BIG -> TOO_BIG;
        case CloseCode.TRY_AGAIN_LATER -> NO_MEMORY;
        default -> PROTOCOL;
      };
    }
  }
}
