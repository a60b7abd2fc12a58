package dev.holdfast.edge;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The ping schedule of one Engine.IO session: a ping each interval, counted from the last pong, and
 * a pong within the timeout. Confined to the session's thread.
 */
final class Heartbeat {
  /** What the schedule asks for. */
  interface Actions {
    void ping();

    void expired();
  }

  private final Timers timers;
  private final Duration interval;
  private final Duration timeout;
  private final Actions actions;
  private @Nullable Timer timer;
  private boolean awaitingPong;
  private boolean paused;

  Heartbeat(Timers timers, Duration interval, Duration timeout, Actions actions) {
    this.timers = timers;
    this.interval = interval;
    this.timeout = timeout;
    this.actions = actions;
  }

  void start() {
    timer = timers.after(interval, this::due);
  }

  /** A confirmation is wanted before the next ping is due; at most one is on its way. */
  void early() {
    if (!awaitingPong && timer != null) {
      stop();
      due();
    }
  }

  private void due() {
    awaitingPong = true;
    timer = timers.after(timeout, this::expired);
    actions.ping();
  }

  private void expired() {
    timer = null;
    // The pong may lie unread in the socket: the deadline waits until we read again.
    if (!paused) {
      actions.expired();
    }
  }

  /** A pong came; false if no ping asked for it, then it means nothing. */
  boolean pong() {
    if (!awaitingPong) {
      return false;
    }
    awaitingPong = false;
    stop();
    start();
    return true;
  }

  /** The client is not read from now on. */
  void pause() {
    paused = true;
  }

  /** The client is read again. */
  void resume() {
    paused = false;
    if (awaitingPong) {
      stop();
      timer = timers.after(timeout, this::expired);
    }
  }

  /** Ends the schedule; true if a pong is still to come. */
  boolean end() {
    stop();
    boolean due = awaitingPong;
    awaitingPong = false;
    return due;
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
