package dev.holdfast.edge;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Messages on their way from one side of a splice to the other. Confined to its owner. */
final class Backlog {
  private final FrameBatch later = new FrameBatch();
  private @Nullable ByteBuffer next;

  void add(Message message) {
    later.add(message);
  }

  /** Hands over what there is, in order, until {@code to} takes no more; whether all has gone. */
  boolean pass(Predicate<ByteBuffer> to) {
    while (!isEmpty()) {
      ByteBuffer run = next == null ? ByteBuffer.wrap(later.take()) : next;
      next = to.test(run) ? null : run;
      if (next != null) {
        return false;
      }
    }
    return true;
  }

  int bytes() {
    return later.bytes() + (next == null ? 0 : next.remaining());
  }

  boolean isEmpty() {
    return next == null && later.isEmpty();
  }

  /** All that there is, which is forgotten here. */
  byte[] take() {
    ByteBuffer refused = next;
    next = null;
    byte[] rest = later.take();
    return refused == null
        ? rest
        : ByteBuffer.allocate(refused.remaining() + rest.length).put(refused).put(rest).array();
  }
}
