package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Alarm;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The time that a client is away: how long its session waits, and the heartbeats that are sent in
 * its name, or Open WebUI would take it out of its pools. Confined to its session.
 */
final class Absence {
  private final Timers timers;
  private final Surroundings surroundings;
  private final Consumer<CloseReason> end;
  private final Consumer<byte[]> upstream;
  private final Alarm window;
  private final Alarm heartbeat;
  private long since;
  private boolean away;

  Absence(
      Timers timers,
      Surroundings surroundings,
      Consumer<CloseReason> end,
      Consumer<byte[]> upstream) {
    this.timers = timers;
    this.window = new Alarm(timers);
    this.heartbeat = new Alarm(timers);
    this.surroundings = surroundings;
    this.end = end;
    this.upstream = upstream;
  }

  /** The client is away from now on. */
  void begin(Duration limit) {
    since = timers.nanoTime();
    away = true;
    window.start(limit, () -> end.accept(CloseReason.RESUME_EXPIRED));
    surroundings.parked();
    surroundings.heartbeatInterval().ifPresent(this::schedule);
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
      surroundings.unparked();
    }
  }
}
