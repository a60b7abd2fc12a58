package dev.holdfast.admin;

import java.util.Optional;

/**
 * The condition of one thing that the node depends on. A problem keeps traffic away. Thread-safe.
 */
public interface Readiness {
  /** Returns the key in the response of {@code /readyz}. */
  String name();

  /**
   * Returns a short description that does not affect readiness; empty if there is nothing to
   * report.
   */
  default Optional<String> state() {
    return Optional.empty();
  }

  /** Returns what is wrong, in plain text; empty if nothing is. */
  Optional<String> problem();
}
