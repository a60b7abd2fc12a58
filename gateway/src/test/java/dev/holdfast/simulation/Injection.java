package dev.holdfast.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A short conversation in which something throws once.
 *
 * @param thrownAt where; null if the conversation did not come there
 */
record Injection(long seed, Outcome outcome, Injector.@Nullable Place thrownAt) {
  private static final int STEPS = 4;

  /** None of them loses a session. */
  private static final List<Step.Kind> KINDS =
      List.of(
          Step.Kind.STREAM,
          Step.Kind.BURST,
          Step.Kind.CALL,
          Step.Kind.TYPE,
          Step.Kind.UPLOAD,
          Step.Kind.CUT,
          Step.Kind.DRAIN,
          Step.Kind.CUT_LINK,
          Step.Kind.DRAIN_UPSTREAM);

  /** The one of this seed. */
  static Injection of(long seed, InternalErrors errors, Trace trace) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Step> steps = Step.random(random, STEPS, KINDS);
    Injector injector = Injector.random(random);
    Conversation conversation =
        new Conversation(seed, Long.bitCount(seed) % 2 == 0, trace, errors, injector);
    Outcome outcome = Outcome.of(conversation, steps);
    if (outcome.fault() == null && conversation.sessionsLost() > 1) {
      outcome = new Outcome(new Violation("one error has ended several sessions"), false);
    }
    return new Injection(seed, outcome, injector.thrownAt());
  }
}
