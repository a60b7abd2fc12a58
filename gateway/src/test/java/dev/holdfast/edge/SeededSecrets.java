package dev.holdfast.edge;

import dev.holdfast.cluster.NodeId;
import java.util.SplittableRandom;

/** Secrets that a seed decides. */
public final class SeededSecrets {
  private SeededSecrets() {}

  /** Those of a node. */
  public static Secrets of(NodeId node, long seed) {
    return new Secrets(node, new SplittableRandom(seed));
  }
}
