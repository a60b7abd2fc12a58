package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.ResponseEditor.Edit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Reads the heads of a backend's responses, including interim ones, and the body of a response that
 * may be edited. Holds a block only while it has a partial one. Confined to its I/O thread.
 */
final class HeadReader {
  /** Maximum size of a head: a block, less room for the framing of a body that begins in it. */
  private static final int LIMIT = 60 * 1024;

  private static final int READ_LIMIT = Blocks.SIZE - 32;

  /** Offset of the data in a block, since a body that begins there may get chunk framing. */
  private static final int START = Pump.BEFORE;

  private final Blocks blocks;
  private final HttpResponseHead.Search search = new HttpResponseHead.Search();
  private @Nullable ByteBuffer block;
  private int from = START;
  private boolean begun;

  private final @Nullable Edit edit;
  private @Nullable HttpResponseHead waiting;
  private @Nullable EditedBody body;

  /** Bytes after the pending head that its body has consumed. */
  private int seen;

  /** Creates a reader; {@code edit} may change the final response. */
  HeadReader(Blocks blocks, Optional<Edit> edit) {
    this.blocks = blocks;
    this.edit = edit.orElse(null);
  }

  /** Reads available bytes; returns their count, or -1 if the source has ended. */
  int read(ConduitStreamSourceChannel source) {
    ByteBuffer into = block == null ? blocks.take().position(START) : block;
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

  /** Returns the next head; null until it, and a body that may be edited, is complete. */
  @Nullable HttpResponseHead next() throws ProtocolException {
    ByteBuffer bytes = block;
    if (bytes == null) {
      return null;
    }
    if (waiting != null && body != null) {
      return whole(waiting, body, bytes);
    }
    HttpResponseHead head = search.parse(bytes, from, bytes.position(), LIMIT);
    if (head == null) {
      keepRest();
    } else {
      from = head.end();
      if (edit != null && head.status() >= 200) {
        body = EditedBody.of(edit, head).orElse(null);
        waiting = head;
        return body == null ? head : whole(head, body, bytes);
      }
    }
    return head;
  }

  /** Returns the head once its body is complete and edited, or is too long to edit. */
  private @Nullable HttpResponseHead whole(
      HttpResponseHead head, EditedBody whole, ByteBuffer bytes) throws ProtocolException {
    int end = bytes.position();
    boolean done = whole.take(bytes.duplicate().limit(end).position(from + seen));
    seen = end - from;
    if (done) {
      return whole.edited().map(changed -> put(bytes, changed, head)).orElse(head);
    }
    if (seen >= READ_LIMIT - START) {
      whole.tooLong();
      return head;
    }
    keepRest();
    return null;
  }

  private HttpResponseHead put(ByteBuffer bytes, byte[] changed, HttpResponseHead head) {
    if (changed.length > bytes.capacity()) {
      blocks.give(bytes);
      block = ByteBuffer.allocate(changed.length).put(changed);
    } else {
      bytes.clear().put(changed);
    }
    from = 0;
    return head.withLength(changed.length);
  }

  private void keepRest() {
    if (block != null && block.position() == from) {
      release();
    } else if (block != null && from > START) {
      int count = block.position() - from;
      block.clear().put(START, block, from, count).position(START + count);
    }
    from = START;
  }

  /** Hands over the block, positioned at the bytes after the last head. */
  ByteBuffer takeRest() {
    ByteBuffer bytes = block;
    if (bytes == null) {
      throw new IllegalStateException("no head was read");
    }
    block = null;
    return bytes.limit(bytes.position()).position(from);
  }

  /** Returns whether any byte of a response has been read. */
  boolean begun() {
    return begun;
  }

  void release() {
    ByteBuffer given = block;
    block = null;
    if (given != null) {
      blocks.give(given);
    }
  }
}
