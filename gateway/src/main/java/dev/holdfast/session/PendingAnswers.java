package dev.holdfast.session;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.PacketAssembler.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Answers that came over a next link while the present one is within a packet, where nothing may
 * stand between. They outlast the switchover that brought them. Confined to its session.
 */
final class PendingAnswers {
  private final Parts parts;
  private final BooleanSupplier closed;
  private List<Run> answers = new ArrayList<>();

  /** Bytes of them, taken from the pool. */
  private int reserved;

  /** {@code closed} says whether the session is over. */
  PendingAnswers(Parts parts, BooleanSupplier closed) {
    this.parts = parts;
    this.closed = closed;
  }

  /** Bytes of the pool that they take. */
  int reserved() {
    return reserved;
  }

  /** Passes an answer on as soon as it can be; false if more bytes wait for that than may. */
  boolean add(Run answer, int most) {
    answers.add(answer);
    pass();
    int bytes = answer.bytes();
    if (answers.isEmpty()) {
      return true;
    }
    boolean kept = bytes <= most - reserved && parts.setup().pool().reserve(bytes);
    reserved += kept ? bytes : 0;
    return kept;
  }

  /** Passes all of them on if the present link is between two packets. */
  void pass() {
    if (answers.isEmpty() || parts.delivery().outbox().missingAttachments() > 0) {
      return;
    }
    List<Run> whole = answers;
    forget();
    try {
      for (int i = 0; i < whole.size() && !closed.getAsBoolean(); i++) {
        PacketAssembler.each(whole.get(i), parts.present()::message);
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("whole packets were passed on", e);
    }
  }

  /** Nobody waits for them. */
  void forget() {
    answers = new ArrayList<>();
    parts.setup().pool().release(reserved);
    reserved = 0;
  }
}
