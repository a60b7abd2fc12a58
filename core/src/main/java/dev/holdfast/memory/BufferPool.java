package dev.holdfast.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A pool of direct buffers within a budget, in three block sizes and larger. Blocks are reused;
 * larger buffers are left to the garbage collector. Memory held elsewhere can be reserved from the
 * budget. Every method that provides a buffer throws {@link OutOfMemoryError} if direct memory is
 * used up, and then charges nothing. Thread-safe.
 */
public final class BufferPool {
  /** Size of a block: one TLS record or sixteen 1 KiB events. */
  public static final int BLOCK = 16 * 1024;

  /** Size of a small block: a few events of a quiet session. */
  public static final int SMALL = 1024;

  /** Size of a large block: the result of one read from a busy socket, with offsets. */
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
   * Creates a pool that provides at most {@code budget} bytes at a time. Blocks kept for reuse stay
   * within the budget as well.
   */
  public BufferPool(long budget) {
    this(budget, ByteBuffer::allocateDirect);
  }

  BufferPool(long budget, IntFunction<ByteBuffer> allocator) {
    this.budget = budget;
    this.allocator = allocator;
  }

  /**
   * Returns an empty buffer of at least {@code capacity} bytes, or null if the budget is used up.
   */
  public @Nullable ByteBuffer take(int capacity) {
    if (capacity <= BLOCK) {
      return take(BLOCK, blocks);
    }
    ByteBuffer block = capacity <= LARGE ? take(LARGE, large) : null;
    return block == null ? take(capacity, null) : block;
  }

  /** Returns an empty large block regardless of the budget, for data that is sent at once. */
  public ByteBuffer overdraw(int capacity) {
    int size = Math.max(capacity, LARGE);
    taken.addAndGet(size);
    ByteBuffer block = size == LARGE ? large.poll() : null;
    return block == null ? allocate(size) : block.clear();
  }

  /** Returns an empty buffer of {@link #SMALL} bytes, or null if the budget is used up. */
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

  /** Allocates a buffer; refunds the budget if that fails. */
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

  /** Drops kept blocks of other sizes to stay within the budget. */
  private void dropKept() {
    while (taken.get() + kept.get() > budget
        && (large.poll() != null || blocks.poll() != null || small.poll() != null)) {
      // Left to the garbage collector.
    }
  }

  /** Allocates a buffer; if direct memory is used up, drops all kept blocks and retries. */
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

  /** Returns a buffer to the pool; it must not be used afterwards. */
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
   * Reserves bytes for memory held elsewhere; returns false, without reserving, if that would leave
   * less than a tenth of the budget for buffers.
   */
  public boolean reserve(long bytes) {
    if (taken.addAndGet(bytes) > budget - budget / 10) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  /** Releases reserved bytes. */
  public void release(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Returns the number of bytes in use. */
  public long taken() {
    return taken.get();
  }

  /** Returns the number of bytes kept for reuse. */
  long kept() {
    return kept.get();
  }

  /** Returns whether more than the budget is in use. */
  public boolean isOverdrawn() {
    return taken.get() > budget;
  }

  /** Returns whether more than half of the budget is in use. */
  public boolean isHalfTaken() {
    return taken.get() > budget / 2;
  }

  /** Returns whether less than a tenth of the budget is left. */
  public boolean isShort() {
    return taken.get() > budget - budget / 10;
  }

  /** Buffers of one size that are kept for reuse. */
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
