package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * One whole message as one frame in a buffer: header and payload as they came, so that they can go
 * on unchanged. A view that is moved from message to message; who wants to keep the bytes copies
 * them. Confined to its owner.
 */
public final class Message {
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int start;
  private int payload;
  private int end;
  private int maskKey;
  private boolean text;

  /** Moves the view to the frame from {@code start} to {@code end}. */
  public Message at(ByteBuffer buffer, int start, int payload, int end) {
    this.buffer = buffer;
    this.start = start;
    this.payload = payload;
    this.end = end;
    return this;
  }

  /** Says how the payload is to be read: its masking key (0 for none), text or binary. */
  public Message as(int maskKey, boolean text) {
    this.maskKey = maskKey;
    this.text = text;
    return this;
  }

  /** Moves the view to the one whole frame of a text message that a buffer holds. */
  public Message ofFrame(ByteBuffer frame, boolean masked) {
    FrameHeader header = new FrameHeader();
    try {
      header.read(frame, 0, frame.limit(), masked);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e);
    }
    return at(frame, 0, header.payload(), frame.limit()).as(header.maskKey(), true);
  }

  /** The buffer that holds the frame; its position and limit mean nothing. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Index of the frame's first header byte. */
  public int start() {
    return start;
  }

  /** Index of the payload's first byte. */
  public int payload() {
    return payload;
  }

  /** Index behind the payload. */
  public int end() {
    return end;
  }

  /** Whether the payload is text; binary otherwise. */
  public boolean text() {
    return text;
  }

  /** Bytes of the payload. */
  public int length() {
    return end - payload;
  }

  /** The payload's byte at {@code offset}, unmasked, 0 to 255; -1 behind its end. */
  public int byteAt(int offset) {
    int index = payload + offset;
    return index < end ? Mask.unmasked(buffer.get(index), maskKey, offset) : -1;
  }

  /** The payload's first four bytes, unmasked, the first one highest; 0 if there are fewer. */
  int prefix() {
    return end - payload < Integer.BYTES ? 0 : buffer.getInt(payload) ^ maskKey;
  }

  /** A copy of the payload from {@code offset} on, unmasked. */
  public byte[] bytes(int offset) {
    byte[] copy = new byte[Math.max(0, length() - offset)];
    buffer.get(payload + offset, copy);
    Mask.apply(ByteBuffer.wrap(copy), 0, copy.length, Mask.rotated(maskKey, offset));
    return copy;
  }
}
