package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Optional;

/**
 * When what was signed is believed, by the clock of its node. Immutable.
 *
 * @param issued in milliseconds since 1970
 * @param expires in milliseconds since 1970
 */
public record Validity(long issued, long expires) {
  /** By how much the clocks of nodes may differ. */
  public static final Duration CLOCKS = Duration.ofSeconds(30);

  /** From now on for so long. */
  public static Validity from(long now, Duration lifetime) {
    return new Validity(now, now + lifetime.toMillis());
  }

  /** Why it is not believed now; empty if its time is now. */
  public Optional<RejectionLog.Reason> problem(long now) {
    if (issued - now > CLOCKS.toMillis()) {
      return Optional.of(RejectionLog.Reason.EARLY);
    }
    return now > over() ? Optional.of(RejectionLog.Reason.EXPIRED) : Optional.empty();
  }

  /** When its time is over on every node, whose clock may be early or late. */
  public long over() {
    return expires + CLOCKS.toMillis();
  }
}
