package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;

/**
 * The period in which a signature is valid, by the clock of its node. Immutable.
 *
 * @param issued in milliseconds since 1970
 * @param expires in milliseconds since 1970
 */
public record Validity(long issued, long expires) {
  /** Tolerated difference between the clocks of nodes. */
  public static final Duration CLOCKS = Duration.ofSeconds(30);

  /** Returns a period that starts now. */
  public static Validity from(long now, Duration lifetime) {
    return new Validity(now, now + lifetime.toMillis());
  }

  /** Returns why it is not valid now; empty if it is. */
  public Optional<RejectionLog.Reason> problem(long now) {
    if (issued - now > CLOCKS.toMillis()) {
      return Optional.of(RejectionLog.Reason.EARLY);
    }
    return now > over() ? Optional.of(RejectionLog.Reason.EXPIRED) : Optional.empty();
  }

  /** Returns when it has expired on every node, given the tolerated clock difference. */
  public long over() {
    return expires + CLOCKS.toMillis();
  }
}
