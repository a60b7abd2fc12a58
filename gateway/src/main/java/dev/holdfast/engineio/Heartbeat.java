package dev.holdfast.engineio;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The ping schedule of one Engine.IO session: a ping each interval, counted from the last pong, and
 * a pong within the timeout. A busy session is pinged many times a second, so its timer is not set
 * anew each time: it may end too early, and then waits for the rest. Confined to the session's
 * thread.
 */
final class Heartbeat {
  private final Timers timers;
  private final Duration interval;
  private final Duration timeout;
  private final Runnable ping;
  private final Runnable expired;
  private @Nullable ScheduledTask timer;
  private long timerEnd;
  private long dueAt;
  private boolean awaitingPong;
  private boolean paused;

  /**
   * A schedule that is not begun.
   *
   * @param ping sends one
   * @param expired what is done when no pong comes
   */
  Heartbeat(Timers timers, Duration interval, Duration timeout, Runnable ping, Runnable expired) {
    this.timers = timers;
    this.interval = interval;
    this.timeout = timeout;
    this.ping = ping;
    this.expired = expired;
  }

  void start() {
    awaitingPong = false;
    dueIn(interval);
  }

  private void dueIn(Duration wait) {
    dueAt = timers.nanoTime() + wait.toNanos();
    if (timer == null || timerEnd - dueAt > 0) {
      stop();
      set(wait);
    }
  }

  private void set(Duration wait) {
    timerEnd = dueAt;
    timer = timers.after(wait, this::ended);
  }

  private void ended() {
    timer = null;
    long rest = dueAt - timers.nanoTime();
    if (rest > 0) {
      set(Duration.ofNanos(rest));
    } else if (!awaitingPong) {
      asked();
      ping.run();
    } else if (!paused) {
      // While we do not read, the pong may lie unread in the socket: the deadline waits.
      expired.run();
    }
  }

  /** Whether a ping may leave before the next one is due; at most one is on its way. */
  boolean mayAsk() {
    return !awaitingPong && timer != null;
  }

  /** A ping leaves now. */
  void asked() {
    awaitingPong = true;
    dueIn(timeout);
  }

  /** A pong came; false if no ping asked for it, then it means nothing. */
  boolean pong() {
    if (!awaitingPong) {
      return false;
    }
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
      dueIn(timeout);
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
