package dev.holdfast.sessions;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Queues messages from one side of a splice to the other. Reserves their bytes in the pool.
 * Confined to its owner.
 */
final class Backlog {
  private final BufferPool pool;
  private final FrameBatch later = new FrameBatch();
  private @Nullable ByteBuffer next;
  private int reserved;

  /** Creates an empty queue. */
  Backlog(BufferPool pool) {
    this.pool = pool;
  }

  /** Adds a message; returns false if the pool has no room for it. */
  boolean add(Message message) {
    int bytes = message.end() - message.start();
    boolean room = pool.reserve(bytes);
    if (room) {
      reserved += bytes;
      later.add(message);
    }
    return room;
  }

  /**
   * Passes queued bytes on in order until {@code to} accepts no more; returns whether the queue is
   * empty.
   */
  boolean pass(Predicate<ByteBuffer> to) {
    while (!isEmpty()) {
      ByteBuffer run = next == null ? ByteBuffer.wrap(later.take()) : next;
      int bytes = run.remaining();
      // Assigned first, so that the bytes stay accounted for if the sink throws.
      next = run;
      if (!to.test(run)) {
        return false;
      }
      next = null;
      release(bytes);
    }
    return true;
  }

  private void release(int bytes) {
    reserved -= bytes;
    pool.release(bytes);
  }

  /** Returns the number of queued bytes. */
  int bytes() {
    return later.bytes() + (next == null ? 0 : next.remaining());
  }

  /** Returns whether the queue is empty. */
  boolean isEmpty() {
    return next == null && later.isEmpty();
  }

  /** Removes and returns all queued bytes. */
  byte[] take() {
    release(reserved);
    ByteBuffer refused = next;
    next = null;
    byte[] rest = later.take();
    return refused == null
        ? rest
        : ByteBuffer.allocate(refused.remaining() + rest.length).put(refused).put(rest).array();
  }

  /** Discards all queued bytes. */
  void clear() {
    byte[] unused = take();
  }
}
