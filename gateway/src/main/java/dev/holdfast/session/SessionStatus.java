package dev.holdfast.session;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a session is at one moment, for an operator. Immutable.
 *
 * @param state its name, in small letters
 * @param outboxBytes what it keeps for its client
 * @param left until it ends, unless client or upstream come back
 */
public record SessionStatus(String state, long outboxBytes, Optional<Duration> left) {
  static SessionStatus of(
      SessionState state, @Nullable Delivery delivery, ParkTimer parkTimer, Timeouts timeouts) {
    return new SessionStatus(
        state.getClass().getSimpleName().toLowerCase(Locale.ROOT),
        delivery == null ? 0 : delivery.outbox().memory(),
        parkTimer.left().or(timeouts::left));
  }
}
