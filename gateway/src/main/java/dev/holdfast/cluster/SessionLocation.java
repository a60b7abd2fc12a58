package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;

/** The result of a registry lookup for the node of a session that was handed off. */
public sealed interface SessionLocation {
  /** Returns the node that took the session over last, if the registry names one. */
  static SessionLocation of(Optional<NodeId> node) {
    return node.<SessionLocation>map(At::new).orElseGet(Nowhere::new);
  }

  /** This node took the session over last. */
  record At(NodeId node) implements SessionLocation {}

  /** The registry names no node. */
  record Nowhere() implements SessionLocation {}

  /**
   * The registry is unavailable.
   *
   * @param silence how long it has been unavailable
   */
  record Unknown(Duration silence) implements SessionLocation {}
}
