package dev.holdfast.wire;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.Utf8;
import java.nio.ByteBuffer;

/**
 * Assembles the fragments of a message into one frame, RFC 6455 section 5.4. All payloads are
 * remasked with the key of the first fragment. Confined to its connection.
 */
final class FragmentAssembler {
  private final BufferPool pool;
  private final int opcode;
  private final int key;
  private ByteBuffer buffer;
  private int end = FrameHeader.MAX_BYTES;
  private int utf8 = Utf8.START;

  FragmentAssembler(BufferPool pool, FrameHeader first) throws ProtocolException {
    this.pool = pool;
    this.opcode = first.opcode();
    this.key = first.maskKey();
    this.buffer = take(pool, FrameHeader.MAX_BYTES);
  }

  private static ByteBuffer take(BufferPool pool, int capacity) throws ProtocolException {
    ByteBuffer taken = pool.take(capacity);
    if (taken == null) {
      throw new ProtocolException(CloseCode.TRY_AGAIN_LATER, "no buffer is left for a message");
    }
    return taken;
  }

  /** Returns the payload bytes so far. */
  long length() {
    return (long) end - FrameHeader.MAX_BYTES;
  }

  /**
   * Appends the payload of the fragment that the header describes.
   *
   * @throws ProtocolException if text is not UTF-8 (1007) or the pool has no buffer left (1013)
   */
  void add(ByteBuffer source, FrameHeader header) throws ProtocolException {
    int length = (int) header.length();
    if (buffer.capacity() - end < length) {
      grow(length);
    }
    buffer.put(end, source, header.payload(), length);
    int ours = Mask.rotated(key, length());
    if (isText()) {
      utf8 = Utf8.check(buffer, end, end + length, header.maskKey(), utf8);
      if (utf8 == Utf8.INVALID) {
        throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "text is not UTF-8");
      }
    }
    Mask.apply(buffer, end, end + length, header.maskKey() ^ ours);
    end += length;
  }

  private void grow(int length) throws ProtocolException {
    ByteBuffer larger = take(pool, Math.max(buffer.capacity() * 2, end + length));
    larger.put(0, buffer, 0, end);
    ByteBuffer given = buffer;
    buffer = larger;
    pool.give(given);
  }

  private boolean isText() {
    return opcode == Opcode.TEXT;
  }

  /**
   * Moves the view to the whole message, as one frame.
   *
   * @throws ProtocolException if text ends inside a character (1007)
   */
  Message finish(Message message, boolean masked) throws ProtocolException {
    if (utf8 != Utf8.START) {
      throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "text ends inside a character");
    }
    int start = FrameHeader.MAX_BYTES - FrameHeader.bytes(length()) - (masked ? Integer.BYTES : 0);
    buffer.clear().position(start);
    if (masked) {
      FrameHeader.writeMasked(buffer, opcode, length(), key);
    } else {
      FrameHeader.write(buffer, opcode, length());
    }
    buffer.clear();
    return message.at(buffer, start, FrameHeader.MAX_BYTES, end).as(key, isText());
  }

  void release() {
    pool.give(buffer);
  }
}
