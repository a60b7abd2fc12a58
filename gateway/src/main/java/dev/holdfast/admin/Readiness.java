package dev.holdfast.admin;

import java.util.Optional;

/** Something without which the node should get no traffic. Thread-safe. */
public interface Readiness {
  /** Its key in the answer of {@code /readyz}. */
  String name();

  /** How it is, in a word, also where nothing depends on it; empty if that goes without saying. */
  default Optional<String> state() {
    return Optional.empty();
  }

  /** Why it is not there, for people; empty if it is. */
  Optional<String> problem();
}
