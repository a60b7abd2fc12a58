package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * Finds frames that follow each other in a buffer. Reused for many buffers, since the event path
 * must not allocate. Confined to its owner.
 */
public final class FrameScanner {
  private final FrameHeader header = new FrameHeader();
  private final Message message = new Message();
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private boolean masked;
  private int limit;
  private int start;
  private int end;

  /**
   * Starts before the first frame.
   *
   * @param from index of its first byte
   * @param to index after the last byte to look at
   * @param masked whether the peer must mask
   */
  public FrameScanner over(ByteBuffer buffer, int from, int to, boolean masked) {
    this.buffer = buffer;
    this.masked = masked;
    limit = to;
    start = from;
    end = from;
    return this;
  }

  /**
   * Moves to the next frame.
   *
   * @return false if the rest holds no whole header. The rest begins at {@link #start}
   * @throws ProtocolException if the header violates RFC 6455
   */
  public boolean next() throws ProtocolException {
    start = end;
    if (!header.read(buffer, start, limit, masked)) {
      return false;
    }
    end = (int) header.end();
    return true;
  }

  /** Returns whether the buffer holds all of this frame. */
  public boolean isWhole() {
    return header.end() <= limit;
  }

  /** Returns the header of this frame. */
  public FrameHeader header() {
    return header;
  }

  /** Returns the index of the first byte of this frame. */
  public int start() {
    return start;
  }

  /** Returns the index after this frame, if it is whole. */
  public int end() {
    return end;
  }

  /** Returns a view of this frame, which must be whole. The next call moves it. */
  public Message message() {
    return message
        .at(buffer, start, header.payload(), end)
        .as(header.maskKey(), header.opcode() == Opcode.TEXT);
  }
}
