package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Rate limits that all nodes share. Thread-safe. */
public interface SharedRateLimit {
  /**
   * Takes up to this many tokens. The callback is invoked once, on a thread that must not be
   * blocked; its argument is empty if the shared limit is unavailable.
   *
   * @param name of the limit
   */
  void take(String name, Rate rate, int wanted, Consumer<Optional<Grant>> answer);

  /**
   * A rate and its burst.
   *
   * @param burst tokens that may be taken at once after a pause
   */
  record Rate(int perSecond, int burst) {}

  /**
   * The tokens that were taken.
   *
   * @param untilNext time until the next token; zero if there are more
   */
  record Grant(int tokens, Duration untilNext) {}
}
