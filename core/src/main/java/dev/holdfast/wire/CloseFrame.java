package dev.holdfast.wire;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The code and reason of a peer's close frame, RFC 6455 section 5.5.1.
 *
 * @param code the close code; {@link CloseCode#NO_STATUS} if the frame has none
 */
record CloseFrame(int code, String reason) {
  private static final int CODE_BYTES = 2;

  /**
   * Decodes the unmasked payload.
   *
   * @throws ProtocolException if the code must not be sent (1002) or the reason is not UTF-8 (1007)
   */
  static CloseFrame read(ByteBuffer payload) throws ProtocolException {
    int length = payload.remaining();
    if (length == 0) {
      return new CloseFrame(CloseCode.NO_STATUS, "");
    }
    int code = length < CODE_BYTES ? 0 : payload.getShort(0) & 0xFFFF;
    if (!CloseCode.mayBeSent(code)) {
      throw new ProtocolException("a close frame has the code " + code);
    }
    if (Utf8.check(payload, CODE_BYTES, length, 0, Utf8.START) != Utf8.START) {
      throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "a close reason is not UTF-8");
    }
    ByteBuffer reason = payload.slice(CODE_BYTES, length - CODE_BYTES);
    return new CloseFrame(code, StandardCharsets.UTF_8.decode(reason).toString());
  }
}
