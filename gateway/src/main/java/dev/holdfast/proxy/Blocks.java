package dev.holdfast.proxy;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The direct buffers of one I/O thread for bytes in passing. A connection holds one only while it
 * has bytes that could not be written yet, so their number is bounded by that of the connections.
 * Confined to its I/O thread.
 */
final class Blocks {
  /** Bytes of a block: few system calls for a large body, and still within a processor's cache. */
  static final int SIZE = 64 * 1024;

  private static final int KEPT = 64;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

  /** An empty block. */
  ByteBuffer take() {
    ByteBuffer block = free.pollLast();
    return block == null ? ByteBuffer.allocateDirect(SIZE) : block.clear();
  }

  /** Gives back what {@link #take} gave; it must not be used afterwards. */
  void give(ByteBuffer block) {
    if (block.capacity() == SIZE && free.size() < KEPT) {
      free.addLast(block);
    }
  }
}
