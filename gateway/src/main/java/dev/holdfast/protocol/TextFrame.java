package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Whole WebSocket frames with one text message, for packets of our own. */
public final class TextFrame {
  private TextFrame() {}

  /** A server's frame, with a packet of ASCII letters. */
  public static byte[] of(String packet) {
    return of(packet.getBytes(StandardCharsets.US_ASCII));
  }

  /** A server's frame. */
  public static byte[] of(byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.bytes(payload.length) + payload.length);
    FrameHeader.write(frame, Opcode.TEXT, payload.length);
    return frame.put(payload).array();
  }

  /** A client's frame, with a packet of ASCII letters. */
  public static byte[] masked(String packet) {
    return masked(packet.getBytes(StandardCharsets.US_ASCII));
  }

  /** A client's frame, with a masking key of its own. */
  public static byte[] masked(byte[] payload) {
    int key = ThreadLocalRandom.current().nextInt();
    byte[] bytes = new byte[FrameHeader.bytes(payload.length) + Integer.BYTES + payload.length];
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    FrameHeader.writeMasked(frame, Opcode.TEXT, payload.length, key);
    int from = frame.position();
    frame.put(payload);
    Mask.apply(frame, from, frame.position(), key);
    return bytes;
  }
}
