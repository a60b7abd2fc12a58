package dev.holdfast.proxy;

import dev.holdfast.protocol.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Reads the heads of a backend's responses, interim ones first. Holds a block only while it has
 * part of a head. Confined to its I/O thread.
 */
final class HeadReader {
  /** Bytes of a head: a block, with room for the framing of a body that begins in it. */
  private static final int LIMIT = 60 * 1024;

  private static final int READ_LIMIT = Blocks.SIZE - 32;

  private final Blocks blocks;
  private @Nullable ByteBuffer block;
  private int from;
  private boolean begun;

  HeadReader(Blocks blocks) {
    this.blocks = blocks;
  }

  /** Reads what there is: a count of bytes, or -1 if the source has ended. */
  int read(ConduitStreamSourceChannel source) {
    ByteBuffer into = block == null ? blocks.take() : block;
    block = into;
    int count;
    try {
      count = source.read(into.limit(READ_LIMIT));
    } catch (IOException reset) {
      count = -1;
    }
    begun |= count > 0;
    keepRest();
    return count;
  }

  /** The next head; null if it is not there yet. */
  @Nullable HttpResponseHead next() throws ProtocolException {
    ByteBuffer bytes = block;
    if (bytes == null) {
      return null;
    }
    HttpResponseHead head = HttpResponseHead.parse(bytes, from, bytes.position(), LIMIT);
    if (head == null) {
      keepRest();
    } else {
      from = head.end();
    }
    return head;
  }

  private void keepRest() {
    if (block != null && block.position() == from) {
      release();
    } else if (block != null && from > 0) {
      block.limit(block.position()).position(from);
      block.compact();
    }
    from = 0;
  }

  /** Hands over the block, its remaining bytes those behind the last head. */
  ByteBuffer takeRest() {
    ByteBuffer bytes = block;
    if (bytes == null) {
      throw new IllegalStateException("no head was read");
    }
    block = null;
    return bytes.limit(bytes.position()).position(from);
  }

  /** Whether any byte of a response has been read. */
  boolean begun() {
    return begun;
  }

  void release() {
    if (block != null) {
      blocks.give(block);
      block = null;
    }
  }
}
