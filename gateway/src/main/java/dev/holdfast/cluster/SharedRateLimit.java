package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** So much per second of something, for all nodes together. Thread-safe. */
public interface SharedRateLimit {
  /**
   * Takes up to so many tokens. The answer comes once, on a thread that must not be blocked; empty
   * if the others cannot be asked now.
   *
   * @param name of what is shared
   */
  void take(String name, Rate rate, int wanted, Consumer<Optional<Grant>> answer);

  /**
   * How much is to be had.
   *
   * @param burst what may be taken at once after a pause
   */
  record Rate(int perSecond, int burst) {}

  /**
   * What was taken.
   *
   * @param untilNext from now on; zero if there are more
   */
  record Grant(int tokens, Duration untilNext) {}
}
