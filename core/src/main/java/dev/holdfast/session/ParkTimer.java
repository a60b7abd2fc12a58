package dev.holdfast.session;

import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Limits how long a session waits for its client. Confined to its session. */
final class ParkTimer {
  private final Timers timers;
  private final SessionContext context;
  private final Consumer<CloseReason> end;
  private final Timer window;
  private long since;
  private boolean away;

  ParkTimer(Timers timers, SessionContext context, Consumer<CloseReason> end) {
    this.timers = timers;
    this.window = new Timer(timers);
    this.context = context;
    this.end = end;
  }

  /** Starts to wait for the client. */
  void begin(Duration limit) {
    since = timers.nanoTime();
    away = true;
    window.start(limit, () -> end.accept(CloseReason.RESUME_EXPIRED));
    context.parked();
  }

  /** Returns when the client last became absent, in nanoseconds of the clock. */
  long since() {
    return since;
  }

  /** Returns how long the session still waits for its client; empty if the client is present. */
  Optional<Duration> left() {
    return window.left();
  }

  /** Called when the client is back or the session has ended. */
  void over() {
    window.stop();
    if (away) {
      away = false;
      context.unparked();
    }
  }
}
