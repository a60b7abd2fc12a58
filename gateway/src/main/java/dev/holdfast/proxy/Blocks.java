package dev.holdfast.proxy;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * A pool of direct buffers of one I/O thread, for data in transit. A connection holds one only
 * while it has unwritten bytes, so the number of buffers is bounded by that of connections.
 * Confined to its I/O thread.
 */
final class Blocks {
  /** Block size in bytes: few system calls for a large body, and small enough for the CPU cache. */
  static final int SIZE = 64 * 1024;

  private static final int KEPT = 64;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

  /** Returns an empty block. */
  ByteBuffer take() {
    ByteBuffer block = free.pollLast();
    return block == null ? ByteBuffer.allocateDirect(SIZE) : block.clear();
  }

  /** Returns a block that {@link #take} provided; it must not be used afterwards. */
  void give(ByteBuffer block) {
    if (block.capacity() == SIZE && free.size() < KEPT) {
      free.addLast(block);
    }
  }
}
