package dev.holdfast.engineio;

import java.util.SplittableRandom;

/** Secrets that a seed decides. */
public final class SeededSecrets {
  private SeededSecrets() {}

  /** Those that begin with this prefix. */
  public static RandomIds of(String prefix, long seed) {
    return new RandomIds(prefix, new SplittableRandom(seed));
  }
}
