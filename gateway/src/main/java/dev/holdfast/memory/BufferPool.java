package dev.holdfast.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers for bytes that wait, of one block size or larger, within a budget. Blocks are kept
 * for reuse; larger buffers are left to the garbage collector. Thread-safe.
 */
public final class BufferPool {
  /** Bytes of a block: one TLS record or sixteen 1 KiB events. */
  public static final int BLOCK = 16 * 1024;

  private static final int KEPT_BLOCKS = 1024;

  private final long budget;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicInteger kept = new AtomicInteger();
  private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

  /** A pool that gives out at most {@code budget} bytes at a time. */
  public BufferPool(long budget) {
    this.budget = budget;
  }

  /**
   * An empty buffer of at least {@code capacity} bytes, or null when the budget does not allow it.
   */
  public @Nullable ByteBuffer take(int capacity) {
    int size = Math.max(BLOCK, capacity);
    if (taken.addAndGet(size) > budget) {
      taken.addAndGet(-size);
      return null;
    }
    if (size == BLOCK) {
      ByteBuffer block = free.pollFirst();
      if (block != null) {
        kept.decrementAndGet();
        return block.clear();
      }
    }
    return ByteBuffer.allocateDirect(size);
  }

  /** Gives back a buffer of {@link #take}; it must not be used afterwards. */
  public void give(ByteBuffer buffer) {
    taken.addAndGet(-buffer.capacity());
    if (buffer.capacity() == BLOCK && kept.get() < KEPT_BLOCKS) {
      kept.incrementAndGet();
      free.addFirst(buffer);
    }
  }

  /** Bytes that are given out now. */
  public long taken() {
    return taken.get();
  }
}
