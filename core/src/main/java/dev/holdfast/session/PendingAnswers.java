package dev.holdfast.session;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.PacketAssembler.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Answers that arrived over a next link while the present one is within a packet, where nothing may
 * be inserted. They outlive the switchover that received them. Confined to its session.
 */
final class PendingAnswers {
  private final Parts parts;
  private final BooleanSupplier closed;
  private List<Run> answers = new ArrayList<>();

  /** Bytes of the answers, reserved in the pool. */
  private int reserved;

  /** Creates an empty queue; {@code closed} returns whether the session has ended. */
  PendingAnswers(Parts parts, BooleanSupplier closed) {
    this.parts = parts;
    this.closed = closed;
  }

  /** Returns the bytes reserved in the pool. */
  int reserved() {
    return reserved;
  }

  /**
   * Forwards an answer as soon as possible. Returns false if no memory is left for it, or more than
   * {@code most} bytes would wait.
   */
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

  /** Forwards all answers if the present link is between two packets. */
  void pass() {
    if (answers.isEmpty() || parts.delivery().log().missingAttachments() > 0) {
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

  /** Drops all answers. */
  void forget() {
    answers = new ArrayList<>();
    parts.setup().pool().release(reserved);
    reserved = 0;
  }
}
