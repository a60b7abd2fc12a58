package dev.holdfast.engineio;

import dev.holdfast.cluster.NodeId;
import java.util.SplittableRandom;

/** Secrets that a seed decides. */
public final class SeededSecrets {
  private SeededSecrets() {}

  /** Those of a node. */
  public static RandomIds of(NodeId node, long seed) {
    return new RandomIds(node, new SplittableRandom(seed));
  }
}
