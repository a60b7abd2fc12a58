package dev.holdfast.session;

import dev.holdfast.time.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Limits how long a session waits for a slow or missing side. Confined to its session. */
final class Timeouts {
  private final SessionSetup setup;
  private final Downlink downlink;
  private final Consumer<CloseReason> transportLost;
  private final Consumer<CloseReason> close;
  private final Timer slow;
  private final Timer givingUp;

  Timeouts(
      SessionSetup setup,
      Downlink downlink,
      Consumer<CloseReason> transportLost,
      Consumer<CloseReason> close) {
    this.setup = setup;
    this.downlink = downlink;
    this.transportLost = transportLost;
    this.close = close;
    this.slow = new Timer(setup.timers());
    this.givingUp = new Timer(setup.timers());
  }

  /** Starts or stops the limit for a paused link. Unread pings would end the link. */
  void blocked(boolean blocked) {
    if (blocked) {
      slow.start(setup.limits().slowTransport(), this::tooSlow);
    } else {
      slow.stop();
    }
  }

  private void tooSlow() {
    if (!downlink.leave(CloseReason.SLOW_TRANSPORT)) {
      transportLost.accept(CloseReason.SLOW_TRANSPORT);
    }
  }

  /** Starts to wait for a link. */
  void awaitLink() {
    // Spread, so that clients do not reconnect all at once.
    Duration wait = setup.limits().giveUp();
    int share = Math.floorMod(setup.tag().hashCode(), 100);
    givingUp.start(
        wait.plusNanos(wait.toNanos() / 1000 * share),
        () -> close.accept(CloseReason.UPSTREAM_GONE));
  }

  /** Called when there is a link, or no link is awaited. */
  void linkThere() {
    givingUp.stop();
  }

  /** Returns how long the session still waits for a link, or for a client that does not read. */
  Optional<Duration> left() {
    return givingUp.left().or(slow::left);
  }

  /** Stops all timers. */
  void stop() {
    givingUp.stop();
    slow.stop();
  }
}
