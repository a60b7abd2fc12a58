package dev.holdfast.upstream;

import dev.holdfast.cluster.Budget;
import dev.holdfast.cluster.Pace;
import java.util.Optional;

/**
 * How many links may be opened again at an upstream: tokens of the budget that all nodes share, or
 * our own while the others cannot be asked. All times are nanoseconds of a steady clock. Confined
 * by its owner.
 */
final class Allowance {
  private static final long ASK_AGAIN = 1_000_000_000L;

  private final Pace own;
  private int granted;
  private boolean alone;
  private boolean asked;
  private long askAt;

  Allowance(int perSecond, long now) {
    own = new Pace(perSecond, now);
    askAt = now;
  }

  /** Takes a token, if there is one. */
  boolean take(long now) {
    if (granted > 0) {
      granted--;
      return true;
    }
    return alone && own.take(now);
  }

  /** Whether the others should be asked for tokens; if so, an answer must follow. */
  boolean asks(long now) {
    if (asked || granted > 0 || askAt - now > 0) {
      return false;
    }
    asked = true;
    return true;
  }

  void answered(Optional<Budget.Grant> grant, long now) {
    asked = false;
    alone = grant.isEmpty();
    granted = grant.map(Budget.Grant::tokens).orElse(0);
    askAt = now + grant.map(it -> it.untilNext().toNanos()).orElse(ASK_AGAIN);
  }

  /** Nanoseconds until there may be a token; the answer to a question comes by itself. */
  long untilNext(long now) {
    long ask = asked ? Long.MAX_VALUE : Math.max(0, askAt - now);
    return alone ? Math.min(own.untilNext(now), ask) : ask;
  }
}
