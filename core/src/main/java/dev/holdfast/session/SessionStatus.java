package dev.holdfast.session;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The status of a session at one moment, for operators. Immutable.
 *
 * @param state name of the state in lower case
 * @param outboxBytes bytes kept for the client
 * @param left time until the session ends, unless client or upstream come back
 */
public record SessionStatus(String state, long outboxBytes, Optional<Duration> left) {
  static SessionStatus of(
      SessionState state, @Nullable Delivery delivery, ParkTimer parkTimer, Timeouts timeouts) {
    return new SessionStatus(
        state.getClass().getSimpleName().toLowerCase(Locale.ROOT),
        delivery == null ? 0 : delivery.log().spool().memory(),
        parkTimer.left().or(timeouts::left));
  }
}
