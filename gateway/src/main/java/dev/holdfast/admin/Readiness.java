package dev.holdfast.admin;

import java.util.Optional;

/**
 * How one thing is that the node works with; its problem, if any, keeps traffic away. Thread-safe.
 */
public interface Readiness {
  /** Its key in the answer of {@code /readyz}. */
  String name();

  /** How it is, in short, also where nothing depends on it; empty if that goes without saying. */
  default Optional<String> state() {
    return Optional.empty();
  }

  /** Why it is not there, for people; empty if it is. */
  Optional<String> problem();
}
