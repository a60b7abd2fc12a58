package dev.holdfast.cluster;

import java.time.Duration;

/** What is known of where a session went that was handed to another node. */
public sealed interface Whereabouts {
  /** It was handed to this node last. */
  record At(NodeId node) implements Whereabouts {}

  /** Nobody has said that it was handed over. */
  record Nowhere() implements Whereabouts {}

  /**
   * Whoever knows it does not answer.
   *
   * @param silence for how long already
   */
  record Unknown(Duration silence) implements Whereabouts {}
}
