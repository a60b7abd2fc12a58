package dev.holdfast.sessions;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way from one side of a splice to the other; their bytes are out of the pool.
 * Confined to its owner.
 */
final class Backlog {
  private final BufferPool pool;
  private final FrameBatch later = new FrameBatch();
  private @Nullable ByteBuffer next;
  private int reserved;

  /** Nothing waits yet. */
  Backlog(BufferPool pool) {
    this.pool = pool;
  }

  /** Adds a message; false if the pool has no room for it. */
  boolean add(Message message) {
    int bytes = message.end() - message.start();
    boolean room = pool.reserve(bytes);
    if (room) {
      reserved += bytes;
      later.add(message);
    }
    return room;
  }

  /** Hands over what there is, in order, until {@code to} takes no more; whether all has gone. */
  boolean pass(Predicate<ByteBuffer> to) {
    while (!isEmpty()) {
      ByteBuffer run = next == null ? ByteBuffer.wrap(later.take()) : next;
      int bytes = run.remaining();
      // Whatever the sink throws, these bytes are still accounted for.
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

  int bytes() {
    return later.bytes() + (next == null ? 0 : next.remaining());
  }

  boolean isEmpty() {
    return next == null && later.isEmpty();
  }

  /** All that there is, which is forgotten here. */
  byte[] take() {
    release(reserved);
    ByteBuffer refused = next;
    next = null;
    byte[] rest = later.take();
    return refused == null
        ? rest
        : ByteBuffer.allocate(refused.remaining() + rest.length).put(refused).put(rest).array();
  }

  /** Forgets all that there is. */
  void clear() {
    byte[] unused = take();
  }
}
