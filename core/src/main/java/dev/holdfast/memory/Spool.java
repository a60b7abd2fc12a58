package dev.holdfast.memory;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes at increasing positions, appended at the end and kept until released. Bytes appended in one
 * call stay in one block. A cursor separates sent from unsent bytes. Holds no memory while empty.
 * Confined to its owner.
 */
public final class Spool {
  private final BufferPool pool;
  private @Nullable Block head;
  private @Nullable Block tail;
  private @Nullable Block sending;
  private long end;
  private long cursor;

  /** Length of the last run that was sent at once, which predicts the next. */
  private long lastRun;

  private long runStart;
  private long mark = -1;

  /** Creates an empty spool that starts at this position. */
  public Spool(BufferPool pool, long position) {
    this.pool = pool;
    this.end = position;
    this.cursor = position;
    this.runStart = position;
  }

  /** Receives a range of bytes within one block. */
  public interface Visitor {
    /** Visits the bytes from index {@code from} to {@code to}; the first has this position. */
    void visit(ByteBuffer buffer, int from, int to, long position);
  }

  /**
   * Returns room for {@code length} bytes at the end: put bytes at the buffer's position and call
   * {@link #added}. Null if the pool's budget is used up.
   */
  public @Nullable ByteBuffer room(int length) {
    boolean fits = fits(length);
    Block last = tail;
    if (!fits || (cursor == end && !fits(expected()))) {
      Block grown = grow(length);
      last = grown == null && fits ? last : grown;
    }
    return last == null ? null : last.buffer.limit(last.buffer.capacity()).position(last.written);
  }

  /** Returns room beyond the pool's budget, for bytes that are sent and released at once. */
  public ByteBuffer overdraw(int length) {
    return append(pool.overdraw(length)).buffer;
  }

  /** Returns whether this many bytes fit into the last block. */
  public boolean fits(int length) {
    return tail != null && tail.buffer.capacity() - tail.written >= length;
  }

  /** A run in one block is sent with one write. */
  private int expected() {
    return (int) Math.min(lastRun, BufferPool.LARGE);
  }

  private @Nullable Block grow(int length) {
    ByteBuffer buffer = take(length);
    return buffer == null ? null : append(buffer);
  }

  /** Sets the number that represents everything added so far. */
  public void mark(long number) {
    mark = number;
  }

  /** Returns the number that represents everything added so far. */
  public long mark() {
    return mark;
  }

  /**
   * Returns the number that represented everything before {@link #start}; -1 if there was nothing.
   */
  public long startMark() {
    return head == null ? mark : head.mark;
  }

  private Block append(ByteBuffer buffer) {
    Block block = new Block(buffer, end, mark);
    if (tail == null) {
      head = block;
    } else {
      tail.next = block;
    }
    tail = block;
    if (sending == null) {
      sending = block;
    }
    return block;
  }

  /** Takes a small block for little data, and a large one for bursts. */
  private @Nullable ByteBuffer take(int length) {
    if (head == null && Math.max(length, lastRun) <= BufferPool.SMALL) {
      return pool.takeSmall();
    }
    boolean burst = Math.max(end - cursor, lastRun) >= BufferPool.BLOCK / 2;
    ByteBuffer buffer = burst ? pool.take(Math.max(length, BufferPool.LARGE)) : null;
    return buffer == null ? pool.take(length) : buffer;
  }

  /** Adds the bytes that were put into {@link #room}. */
  public void added() {
    Block last = tail;
    if (last != null) {
      end += last.buffer.position() - last.written;
      last.written = last.buffer.position();
    }
  }

  /** Returns the unsent bytes of one block, between position and limit; null if there are none. */
  public @Nullable ByteBuffer unsent() {
    Block block = sending;
    if (block == null || cursor == end) {
      return null;
    }
    while (cursor == block.end() && block.next != null) {
      block = block.next;
    }
    sending = block;
    return block.buffer.limit(block.written).position((int) (cursor - block.start));
  }

  /** Records that all bytes of the last {@link #unsent} were sent. */
  public void sent() {
    if (sending != null) {
      cursor = sending.end();
    }
    if (cursor == end) {
      lastRun = end - runStart;
      runStart = end;
    }
  }

  /** Frees blocks of sent bytes that end before a position. */
  public void release(long position) {
    long limit = Math.min(position, cursor);
    Block block = head;
    while (block != null && block.end() <= limit) {
      if (block.equals(sending)) {
        sending = block.next;
      }
      head = block.next;
      if (head == null) {
        tail = null;
      }
      // Unlinked first, so that an exception cannot release it twice.
      pool.give(block.buffer);
      block = head;
    }
  }

  /** Visits the retained bytes between two positions in order; none if the range is empty. */
  public void visit(long from, long to, Visitor visitor) {
    for (Block block = from < to ? head : null;
        block != null && block.start < to;
        block = block.next) {
      if (block.end() > from) {
        int first = (int) (Math.max(from, block.start) - block.start);
        int last = (int) (Math.min(to, block.end()) - block.start);
        block.buffer.clear();
        visitor.visit(block.buffer, first, last, block.start + first);
      }
    }
  }

  /** Returns the position of the first retained byte. */
  public long start() {
    return head == null ? end : head.start;
  }

  /** Returns the position after the last sent byte. */
  public long cursor() {
    return cursor;
  }

  /** Returns the position after the last byte. */
  public long end() {
    return end;
  }

  /** Returns the size of the blocks in use. */
  public long memory() {
    long bytes = 0;
    for (Block block = head; block != null; block = block.next) {
      bytes += block.buffer.capacity();
    }
    return bytes;
  }

  /**
   * Replaces the bytes from the first one of another spool on, none of which was sent, by those of
   * that spool. Gives it the blocks that are not needed any more.
   */
  public void swapTail(Spool other) {
    long from = other.start();
    Block kept = null;
    Block rest = head;
    while (rest != null && rest.start < from) {
      kept = rest;
      rest = rest.next;
    }
    if (kept == null) {
      head = other.head;
    } else {
      kept.written = (int) Math.min(kept.written, from - kept.start);
      kept.next = other.head;
    }
    if (sending == null || sending.start >= from) {
      sending = other.head;
    }
    Block last = rest == null ? null : tail;
    tail = other.tail;
    mark = other.mark;
    long formerEnd = end;
    end = other.end;
    other.head = rest;
    other.tail = last;
    other.sending = rest;
    other.end = formerEnd;
  }

  /** Removes all bytes; positions continue. */
  public void clear() {
    cursor = end;
    release(end);
  }

  private static final class Block {
    private final ByteBuffer buffer;
    private final long start;
    private final long mark;
    private int written;
    private @Nullable Block next;

    private Block(ByteBuffer buffer, long start, long mark) {
      this.buffer = buffer;
      this.start = start;
      this.mark = mark;
    }

    private long end() {
      return start + written;
    }
  }
}
