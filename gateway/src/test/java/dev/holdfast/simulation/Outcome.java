package dev.holdfast.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What came of a conversation.
 *
 * @param fault the first thing that may not happen; null if there was none
 * @param excused whether it is one that the contracts name: the links of a session that moved were
 *     further apart than can be known
 */
record Outcome(@Nullable Violation fault, boolean excused) {
  private static final int STEPS = 30;

  /** Whether it shows something that may not happen. */
  boolean isFaulty() {
    return fault != null && !excused;
  }

  /** The same for faults of one kind. */
  String kind() {
    return fault == null ? "" : String.valueOf(fault.getMessage()).replaceAll("[0-9]+", "N");
  }

  /** The steps that a seed stands for. */
  static List<Step> steps(long seed) {
    return Step.random(new SplittableRandom(seed), STEPS);
  }

  /** Runs the steps in the world of a seed. */
  static Outcome of(long seed, List<Step> steps, InternalErrors errors, Trace trace) {
    return of(seed, Long.bitCount(seed) % 2 == 0, steps, errors, trace);
  }

  /** The same, with upstreams that are Open WebUI or not. */
  static Outcome of(
      long seed, boolean fenced, List<Step> steps, InternalErrors errors, Trace trace) {
    return of(new Conversation(seed, fenced, trace, errors, Injector.none()), steps);
  }

  /** The same in this conversation. */
  static Outcome of(Conversation conversation, List<Step> steps) {
    double unsure = SimulatedNode.unsureMoves();
    try {
      conversation.run(steps);
      return new Outcome(null, false);
    } catch (Violation fault) {
      boolean guessed = SimulatedNode.unsureMoves() > unsure;
      boolean apart = guessed || conversation.mayBeTornAt(fault.at());
      return new Outcome(fault, apart && fault.isOfStream());
    } catch (RuntimeException | Error error) {
      return new Outcome(new Violation("thrown: " + error, error), false);
    }
  }
}
