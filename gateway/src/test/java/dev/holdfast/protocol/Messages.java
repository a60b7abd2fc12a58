package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** Messages for tests, as they lie in a read buffer: something before, something behind. */
final class Messages {
  private static final int BEFORE = 3;

  private Messages() {}

  /** A text message with the given mask, 0 for none. */
  static Message text(String payload, int key) {
    return text(payload.getBytes(UTF_8), key);
  }

  /** A text message with the given mask, 0 for none. */
  static Message text(byte[] bytes, int key) {
    ByteBuffer buffer =
        ByteBuffer.allocate(BEFORE + FrameHeader.MAX_BYTES + bytes.length + 5).position(BEFORE);
    if (key == 0) {
      FrameHeader.write(buffer, Opcode.TEXT, bytes.length);
    } else {
      FrameHeader.writeMasked(buffer, Opcode.TEXT, bytes.length, key);
    }
    int payload = buffer.position();
    buffer.put(bytes).put("42[\"x".getBytes(UTF_8));
    Mask.apply(buffer, payload, payload + bytes.length, key);
    return new Message().at(buffer.clear(), BEFORE, payload, payload + bytes.length).as(key, true);
  }
}
