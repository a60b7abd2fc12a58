package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * A view of one whole message as one frame in a buffer, with its header, so that it can be
 * forwarded unchanged. The view moves from message to message: copy bytes to keep them. Confined to
 * its owner.
 */
public final class Message {
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int start;
  private int payload;
  private int end;
  private int maskKey;
  private boolean text;

  /**
   * Moves the view to the frame between these indices.
   *
   * @param payload index of the first byte of its payload
   */
  public Message at(ByteBuffer buffer, int start, int payload, int end) {
    this.buffer = buffer;
    this.start = start;
    this.payload = payload;
    this.end = end;
    return this;
  }

  /** Sets how the payload is encoded: its masking key (0 for none), text or binary. */
  public Message as(int maskKey, boolean text) {
    this.maskKey = maskKey;
    this.text = text;
    return this;
  }

  /**
   * Moves the view to the only frame in a buffer, a whole text message.
   *
   * @throws IllegalArgumentException if its header is invalid
   */
  public Message ofFrame(ByteBuffer frame, boolean masked) {
    FrameHeader header = new FrameHeader();
    try {
      header.read(frame, 0, frame.limit(), masked);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e);
    }
    return at(frame, 0, header.payload(), frame.limit()).as(header.maskKey(), true);
  }

  /** Returns the buffer that holds the frame; its position and limit have no meaning. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Returns the index of the frame's first header byte. */
  public int start() {
    return start;
  }

  /** Returns the index of the payload's first byte. */
  public int payload() {
    return payload;
  }

  /** Returns the index after the payload. */
  public int end() {
    return end;
  }

  /** Returns whether the payload is text; it is binary otherwise. */
  public boolean text() {
    return text;
  }

  /** Returns the length of the payload, in bytes. */
  public int length() {
    return end - payload;
  }

  /** Returns the unmasked payload byte at {@code offset}, 0 to 255; -1 after the end. */
  public int byteAt(int offset) {
    int index = payload + offset;
    return index < end ? Mask.unmasked(buffer.get(index), maskKey, offset) : -1;
  }

  /** Returns the first four payload bytes, unmasked, as a big-endian int; 0 if there are fewer. */
  int prefix() {
    return end - payload < Integer.BYTES ? 0 : buffer.getInt(payload) ^ maskKey;
  }

  /** Returns an unmasked copy of the payload from {@code offset} on. */
  public byte[] bytes(int offset) {
    byte[] copy = new byte[Math.max(0, length() - offset)];
    buffer.get(payload + offset, copy);
    Mask.apply(ByteBuffer.wrap(copy), 0, copy.length, Mask.rotated(maskKey, offset));
    return copy;
  }
}
