package dev.holdfast.admin;

import java.util.Optional;

/** Something without which the node should get no traffic. Thread-safe. */
public interface Readiness {
  /** Its key in the answer of {@code /readyz}. */
  String name();

  /** Why it is not there, for people; empty if it is. */
  Optional<String> problem();
}
