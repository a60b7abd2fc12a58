package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Encodes packets of the gateway itself as whole WebSocket text frames. */
public final class TextFrame {
  private TextFrame() {}

  /** Returns a server's frame with an ASCII packet. */
  public static byte[] of(String packet) {
    return of(packet.getBytes(StandardCharsets.US_ASCII));
  }

  /** Returns a server's frame, which is not masked. */
  public static byte[] of(byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.bytes(payload.length) + payload.length);
    FrameHeader.write(frame, Opcode.TEXT, payload.length);
    return frame.put(payload).array();
  }

  /** Returns a client's frame with an ASCII packet. */
  public static byte[] masked(String packet) {
    return masked(packet.getBytes(StandardCharsets.US_ASCII));
  }

  /** Returns a client's frame, with a random masking key. */
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
