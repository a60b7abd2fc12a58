package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The time that a client is away: how long its session waits, and the heartbeats that are sent in
 * its name, or Open WebUI would take it out of its pools. Confined to its session.
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

  /** The client is away from now on. */
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

  /** Since when it is, or was, away: nanoseconds of the clock. */
  long since() {
    return since;
  }

  /** How long the session still waits for its client; empty if the client is there. */
  Optional<Duration> left() {
    return window.left();
  }

  /** Nobody waits for it any more. */
  void stop() {
    window.stop();
    heartbeat.stop();
  }

  /** The client is back, or the session is over. */
  void over() {
    stop();
    if (away) {
      away = false;
      context.unparked();
    }
  }
}
