package dev.holdfast.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO queue of bytes in pooled blocks. Bytes appended in one call stay in one block, and only
 * committed bytes can be read. Holds no memory while empty. Confined to its owner.
 */
public final class BlockQueue {
  private final BufferPool pool;
  private @Nullable ArrayDeque<Block> blocks;
  private long bytes;
  private long committed;

  /** Creates a queue with blocks from the pool. */
  public BlockQueue(BufferPool pool) {
    this.pool = pool;
  }

  /**
   * Appends a copy of the bytes {@code from} to {@code to}; returns false if the pool's budget is
   * used up.
   */
  public boolean append(ByteBuffer source, int from, int to) {
    int length = to - from;
    ArrayDeque<Block> all = blocks;
    if (all == null) {
      all = new ArrayDeque<>(2);
      blocks = all;
    }
    Block tail = all.peekLast();
    if (tail == null || tail.buffer.capacity() - tail.written < length) {
      ByteBuffer buffer = pool.take(length);
      if (buffer == null) {
        return false;
      }
      tail = new Block(buffer);
      all.addLast(tail);
    }
    tail.buffer.clear();
    tail.buffer.put(tail.written, source, from, length);
    tail.written += length;
    bytes += length;
    return true;
  }

  /** Makes everything appended so far readable. */
  public void commit() {
    committed = bytes;
  }

  /** Discards what was appended since the last {@link #commit}. */
  public void rollback() {
    ArrayDeque<Block> all = blocks;
    while (all != null && bytes > committed) {
      Block tail = all.getLast();
      long gone = Math.min(bytes - committed, tail.written - tail.read);
      tail.written -= (int) gone;
      bytes -= gone;
      if (tail.written == tail.read) {
        all.removeLast();
        pool.give(tail.buffer);
      }
    }
    if (all != null && all.isEmpty()) {
      blocks = null;
    }
  }

  /**
   * Returns the readable bytes of the first block, between position and limit; null if there are
   * none.
   */
  public @Nullable ByteBuffer head() {
    Block head = blocks == null || committed == 0 ? null : blocks.peekFirst();
    if (head == null) {
      return null;
    }
    int limit = (int) Math.min(head.written, head.read + committed);
    return head.buffer.limit(limit).position(head.read);
  }

  /** Removes the bytes of {@link #head} before its position. */
  public void taken() {
    ArrayDeque<Block> all = blocks;
    if (all == null || all.isEmpty()) {
      return;
    }
    Block head = all.getFirst();
    int gone = head.buffer.position() - head.read;
    bytes -= gone;
    committed -= gone;
    head.read = head.buffer.position();
    if (head.read == head.written) {
      all.removeFirst();
      pool.give(head.buffer);
    }
    if (all.isEmpty()) {
      blocks = null;
    }
  }

  /** Returns the number of bytes, committed or not. */
  public long bytes() {
    return bytes;
  }

  /** Returns whether the queue is empty. */
  public boolean isEmpty() {
    return bytes == 0;
  }

  /** Removes everything. */
  public void clear() {
    ArrayDeque<Block> all = blocks;
    blocks = null;
    bytes = 0;
    committed = 0;
    if (all != null) {
      all.forEach(block -> pool.give(block.buffer));
    }
  }

  private static final class Block {
    private final ByteBuffer buffer;
    private int read;
    private int written;

    private Block(ByteBuffer buffer) {
      this.buffer = buffer;
    }
  }
}
