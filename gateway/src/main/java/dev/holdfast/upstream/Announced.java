package dev.holdfast.upstream;

import java.time.Duration;

/**
 * What an upstream announces in its Engine.IO open packet; the gateway announces the same to
 * clients. Immutable.
 *
 * @param maxPayload bytes of the largest message that the upstream takes
 */
public record Announced(Duration pingInterval, Duration pingTimeout, long maxPayload) {
  /** What python-engineio does when nothing is set; servers before 4.11 do not say the payload. */
  public static final Announced DEFAULT =
      new Announced(Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000);
}
