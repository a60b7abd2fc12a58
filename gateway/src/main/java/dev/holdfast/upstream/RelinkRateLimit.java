package dev.holdfast.upstream;

import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.cluster.TokenBucket;
import java.util.Optional;

/**
 * Limits how many links are reopened at an upstream, with tokens of the rate that all nodes share,
 * or with local tokens while the shared rate is unavailable. All times are nanoseconds of a steady
 * clock. Confined by its owner.
 */
final class RelinkRateLimit {
  private static final long ASK_AGAIN = 1_000_000_000L;

  private final TokenBucket own;
  private int granted;
  private boolean alone;
  private boolean request;
  private long askAt;

  RelinkRateLimit(int perSecond, long now) {
    own = new TokenBucket(perSecond, now);
    askAt = now;
  }

  /** Takes a token if one is available. */
  boolean take(long now) {
    if (granted > 0) {
      granted--;
      return true;
    }
    return alone && own.take(now);
  }

  /** Returns whether to request shared tokens; if so, {@link #answered} must follow. */
  boolean asks(long now) {
    if (request || granted > 0 || askAt - now > 0) {
      return false;
    }
    request = true;
    return true;
  }

  void answered(Optional<SharedRateLimit.Grant> grant, long now) {
    request = false;
    alone = grant.isEmpty();
    granted = grant.map(SharedRateLimit.Grant::tokens).orElse(0);
    askAt = now + grant.map(it -> it.untilNext().toNanos()).orElse(ASK_AGAIN);
  }

  /** Returns the nanoseconds until a token may be available; a pending request needs no timer. */
  long untilNext(long now) {
    long ask = request ? Long.MAX_VALUE : Math.max(0, askAt - now);
    return alone ? Math.min(own.untilNext(now), ask) : ask;
  }
}
