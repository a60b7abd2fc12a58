package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;

/** What the registry knows about the node of a session that was handed over. */
public sealed interface SessionLocation {
  /** The node that took the session over last, if the registry names one. */
  static SessionLocation of(Optional<NodeId> node) {
    return node.<SessionLocation>map(At::new).orElseGet(Nowhere::new);
  }

  /** This node took it over last. */
  record At(NodeId node) implements SessionLocation {}

  /** The registry names no node. */
  record Nowhere() implements SessionLocation {}

  /**
   * The registry does not answer.
   *
   * @param silence how long it has been away
   */
  record Unknown(Duration silence) implements SessionLocation {}
}
