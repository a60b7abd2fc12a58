package dev.holdfast.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers for bytes that wait, of three block sizes or larger, within a budget. Blocks are
 * kept for reuse; larger buffers are left to the garbage collector. Bytes that are kept elsewhere
 * can be counted, too. Every call that takes a buffer throws {@link OutOfMemoryError} if direct
 * memory is used up, and then takes nothing of the budget. Thread-safe.
 */
public final class BufferPool {
  /** Bytes of a block: one TLS record or sixteen 1 KiB events. */
  public static final int BLOCK = 16 * 1024;

  /** Bytes of a small block: a few events of a session that has little to say. */
  public static final int SMALL = 1024;

  /** Bytes of a large block: what one read of a busy socket may become, with offsets. */
  public static final int LARGE = 128 * 1024;

  private static final int KEPT_LARGE = 512;
  private static final int KEPT_BLOCKS = 1024;
  private static final int KEPT_SMALL = 4096;

  private final long budget;
  private final IntFunction<ByteBuffer> allocator;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong kept = new AtomicLong();
  private final Kept large = new Kept(LARGE, KEPT_LARGE);
  private final Kept blocks = new Kept(BLOCK, KEPT_BLOCKS);
  private final Kept small = new Kept(SMALL, KEPT_SMALL);

  /**
   * A pool that gives out at most {@code budget} bytes at a time. With what it keeps for reuse it
   * has no more than that either.
   */
  public BufferPool(long budget) {
    this(budget, ByteBuffer::allocateDirect);
  }

  BufferPool(long budget, IntFunction<ByteBuffer> allocator) {
    this.budget = budget;
    this.allocator = allocator;
  }

  /**
   * An empty buffer of at least {@code capacity} bytes, or null when the budget does not allow it.
   */
  public @Nullable ByteBuffer take(int capacity) {
    if (capacity <= BLOCK) {
      return take(BLOCK, blocks);
    }
    ByteBuffer block = capacity <= LARGE ? take(LARGE, large) : null;
    return block == null ? take(capacity, null) : block;
  }

  /** An empty large block whatever the budget says, for what leaves at once. */
  public ByteBuffer overdraw(int capacity) {
    int size = Math.max(capacity, LARGE);
    taken.addAndGet(size);
    ByteBuffer block = size == LARGE ? large.poll() : null;
    return block == null ? allocate(size) : block.clear();
  }

  /** An empty buffer of {@link #SMALL} bytes, or null when the budget does not allow it. */
  public @Nullable ByteBuffer takeSmall() {
    return take(SMALL, small);
  }

  private @Nullable ByteBuffer take(int size, @Nullable Kept reusable) {
    if (taken.addAndGet(size) > budget) {
      taken.addAndGet(-size);
      return null;
    }
    ByteBuffer block = reusable == null ? null : reusable.poll();
    return block == null ? allocate(size) : block.clear();
  }

  /** What was taken of the budget for a buffer that cannot be had goes back. */
  private ByteBuffer allocate(int size) {
    dropKept();
    ByteBuffer block = null;
    try {
      block = allocateOrShed(size);
      return block;
    } finally {
      if (block == null) {
        taken.addAndGet(-size);
      }
    }
  }

  /** What is kept of other sizes makes room for what is needed. */
  private void dropKept() {
    while (taken.get() + kept.get() > budget
        && (large.poll() != null || blocks.poll() != null || small.poll() != null)) {
      // Left to the garbage collector.
    }
  }

  /** When direct memory is used up, blocks that wait for their next use make room. */
  private ByteBuffer allocateOrShed(int size) {
    try {
      return allocator.apply(size);
    } catch (OutOfMemoryError error) {
      if (!DirectMemory.isUsedUp(error)) {
        throw error;
      }
      large.clear();
      blocks.clear();
      small.clear();
      return allocator.apply(size);
    }
  }

  /** Gives back a buffer that was taken here; it must not be used afterwards. */
  public void give(ByteBuffer buffer) {
    taken.addAndGet(-buffer.capacity());
    switch (buffer.capacity()) {
      case LARGE -> large.offer(buffer);
      case BLOCK -> blocks.offer(buffer);
      case SMALL -> small.offer(buffer);
      default -> {
        // Left to the garbage collector.
      }
    }
  }

  /**
   * Counts bytes that are kept elsewhere; false, and nothing is counted, if that would leave less
   * than a tenth of the budget for buffers.
   */
  public boolean reserve(long bytes) {
    if (taken.addAndGet(bytes) > budget - budget / 10) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  /** Bytes that were reserved are kept no more. */
  public void release(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that are given out now. */
  public long taken() {
    return taken.get();
  }

  /** Bytes that wait for their next use. */
  long kept() {
    return kept.get();
  }

  /** Whether more than the budget is given out. */
  public boolean isOverdrawn() {
    return taken.get() > budget;
  }

  /** Whether half of the budget is given out. */
  public boolean isHalfTaken() {
    return taken.get() > budget / 2;
  }

  /** Whether less than a tenth of the budget is left. */
  public boolean isShort() {
    return taken.get() > budget - budget / 10;
  }

  /** Buffers of one size that wait for their next use. */
  private final class Kept {
    private final int size;
    private final int limit;
    private final AtomicInteger count = new AtomicInteger();
    private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    private Kept(int size, int limit) {
      this.size = size;
      this.limit = limit;
    }

    private @Nullable ByteBuffer poll() {
      ByteBuffer buffer = free.pollFirst();
      if (buffer != null) {
        count.decrementAndGet();
        kept.addAndGet(-size);
      }
      return buffer;
    }

    private void offer(ByteBuffer buffer) {
      if (count.get() < limit && taken.get() + kept.get() + size <= budget) {
        count.incrementAndGet();
        kept.addAndGet(size);
        free.addFirst(buffer);
      }
    }

    private void clear() {
      ByteBuffer gone = poll();
      while (gone != null) {
        gone = poll();
      }
    }
  }
}
