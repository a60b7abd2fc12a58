package dev.holdfast.memory;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes at ever growing positions, appended at the end and kept until they are released. What is
 * appended at once stays together in one block. A cursor parts what was sent from what was not.
 * Holds no memory while empty. Confined to its owner.
 */
public final class Spool {
  private final BufferPool pool;
  private @Nullable Block head;
  private @Nullable Block tail;
  private @Nullable Block sending;
  private long end;
  private long cursor;

  /** Bytes that left at once last time: as many are expected to come. */
  private long lastRun;

  private long runStart;
  private long mark = -1;

  /** An empty spool whose first byte will have this position. */
  public Spool(BufferPool pool, long position) {
    this.pool = pool;
    this.end = position;
    this.cursor = position;
    this.runStart = position;
  }

  /** What is done with each stretch of bytes that lies in one block. */
  public interface Visitor {
    /** Looks at the bytes from index {@code from} to {@code to}; the first has this position. */
    void visit(ByteBuffer buffer, int from, int to, long position);
  }

  /**
   * A place at the end for {@code length} bytes or fewer: put them at the buffer's position and
   * call {@link #added}. Null if the pool's budget is used up.
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

  /** The same beyond the pool's budget: to be sent and released at once. */
  public ByteBuffer overdraw(int length) {
    return append(pool.overdraw(length)).buffer;
  }

  /** Whether so many bytes still find room in the block that was last written to. */
  public boolean fits(int length) {
    return tail != null && tail.buffer.capacity() - tail.written >= length;
  }

  /** A run that leaves from one block leaves with one write. */
  private int expected() {
    return (int) Math.min(lastRun, BufferPool.LARGE);
  }

  private @Nullable Block grow(int length) {
    ByteBuffer buffer = take(length);
    return buffer == null ? null : append(buffer);
  }

  /** Says what number stands for all that was added so far. */
  public void mark(long number) {
    mark = number;
  }

  /** What stands for all that was added so far. */
  public long mark() {
    return mark;
  }

  /** What stood for all that was added before {@link #start}; -1 if nothing was. */
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

  /** A small block for a little, a large one for more than a block that leaves at once. */
  private @Nullable ByteBuffer take(int length) {
    if (head == null && Math.max(length, lastRun) <= BufferPool.SMALL) {
      return pool.takeSmall();
    }
    boolean burst = Math.max(end - cursor, lastRun) >= BufferPool.BLOCK / 2;
    ByteBuffer buffer = burst ? pool.take(Math.max(length, BufferPool.LARGE)) : null;
    return buffer == null ? pool.take(length) : buffer;
  }

  /** Takes in what was put into {@link #room}. */
  public void added() {
    Block last = tail;
    if (last != null) {
      end += last.buffer.position() - last.written;
      last.written = last.buffer.position();
    }
  }

  /** Unsent bytes that lie in one block, between position and limit; null if there are none. */
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

  /** All bytes of the last {@link #unsent} were sent. */
  public void sent() {
    if (sending != null) {
      cursor = sending.end();
    }
    if (cursor == end) {
      lastRun = end - runStart;
      runStart = end;
    }
  }

  /** Frees whole blocks of sent bytes that lie before a position. */
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
      // Whatever is thrown, it is given once.
      pool.give(block.buffer);
      block = head;
    }
  }

  /**
   * Shows the bytes from one position to another, as far as they are still here, in order; none if
   * the second one comes first.
   */
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

  /** The position of the first byte that is still here. */
  public long start() {
    return head == null ? end : head.start;
  }

  /** The position behind the last byte that was sent. */
  public long cursor() {
    return cursor;
  }

  /** The position behind the last byte. */
  public long end() {
    return end;
  }

  /** Bytes of the blocks in use. */
  public long memory() {
    long bytes = 0;
    for (Block block = head; block != null; block = block.next) {
      bytes += block.buffer.capacity();
    }
    return bytes;
  }

  /** Forgets everything; positions go on. */
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
