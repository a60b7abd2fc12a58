package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Limits how long a session waits for its client, and sends heartbeats on the client's behalf.
 * Without them, Open WebUI would remove the client from its pools. Confined to its session.
 */
final class ParkTimer {
  private final Timers timers;
  private final SessionContext context;
  private final Consumer<CloseReason> end;
  private final Consumer<byte[]> upstream;
  private final Timer window;
  private final Timer heartbeat;
  private long since;
  private boolean away;

  ParkTimer(
      Timers timers, SessionContext context, Consumer<CloseReason> end, Consumer<byte[]> upstream) {
    this.timers = timers;
    this.window = new Timer(timers);
    this.heartbeat = new Timer(timers);
    this.context = context;
    this.end = end;
    this.upstream = upstream;
  }

  /** Starts to wait for the client. */
  void begin(Duration limit) {
    since = timers.nanoTime();
    away = true;
    window.start(limit, () -> end.accept(CloseReason.RESUME_EXPIRED));
    context.parked();
    context.heartbeatInterval().ifPresent(this::schedule);
  }

  private void schedule(Duration interval) {
    heartbeat.start(
        interval,
        () -> {
          upstream.accept(TextFrame.masked(ClientPackets.HEARTBEAT));
          schedule(interval);
        });
  }

  /** Returns when the client last became absent, in nanoseconds of the clock. */
  long since() {
    return since;
  }

  /** Returns how long the session still waits for its client; empty if the client is present. */
  Optional<Duration> left() {
    return window.left();
  }

  /** Stops both timers. */
  void stop() {
    window.stop();
    heartbeat.stop();
  }

  /** Called when the client is back or the session has ended. */
  void over() {
    stop();
    if (away) {
      away = false;
      context.unparked();
    }
  }
}
