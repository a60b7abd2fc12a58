package dev.holdfast.wire;

import dev.holdfast.protocol.CloseCode;

/**
 * How a WebSocket ended.
 *
 * @param code a code of RFC 6455 section 7.4; 1006 without a close frame
 * @param cause who or what ended it
 * @param detail a sentence for the log, without secrets
 * @param reason what the peer's close frame says; a stranger's is none of the log's business
 */
public record WebSocketClosed(int code, Cause cause, String detail, String reason) {
  /** One without a reason of the peer's. */
  public WebSocketClosed(int code, Cause cause, String detail) {
    this(code, cause, detail, "");
  }

  /** Who or what ended a WebSocket. */
  public enum Cause {
    /** The peer sent a close frame. */
    PEER,
    /** The connection broke without one. */
    BROKEN,
    /** The peer broke the protocol. */
    PROTOCOL,
    /** The peer's message is larger than we take. */
    TOO_BIG,
    /** No memory is left for what the peer sends. */
    NO_MEMORY,
    /** The gateway failed. */
    INTERNAL;

    /** Maps the close code that the peer gets to a cause. */
    static Cause ofRefusal(int closeCode) {
      return switch (closeCode) {
        case CloseCode.TOO_BIG -> TOO_BIG;
        case CloseCode.TRY_AGAIN_LATER -> NO_MEMORY;
        default -> PROTOCOL;
      };
    }
  }
}
