package dev.holdfast.engineio;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The ping schedule of one Engine.IO session: one ping per interval, counted from the last pong,
 * and a pong within the timeout. A busy session is pinged many times a second, so its timer is not
 * rescheduled each time: one that fires early is set for the remaining time. Confined to the
 * session's thread.
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
   * Creates a schedule that is not started.
   *
   * @param ping sends a ping
   * @param expired runs if no pong arrives in time
   */
  Heartbeat(Timers timers, Duration interval, Duration timeout, Runnable ping, Runnable expired) {
    this.timers = timers;
    this.interval = interval;
    this.timeout = timeout;
    this.ping = ping;
    this.expired = expired;
  }

  /** Starts the schedule anew, with the next ping after one interval. */
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
      // While reads are paused, the pong may be unread in the socket: the deadline waits.
      expired.run();
    }
  }

  /** Returns whether a ping may be sent early; at most one is outstanding. */
  boolean mayAsk() {
    return !awaitingPong && timer != null;
  }

  /** Records that a ping is being sent. */
  void asked() {
    awaitingPong = true;
    dueIn(timeout);
  }

  /** Handles a pong; false if no ping is outstanding, and the pong is ignored. */
  boolean pong() {
    if (!awaitingPong) {
      return false;
    }
    start();
    return true;
  }

  /** Suspends the pong deadline while the client is not read. */
  void pause() {
    paused = true;
  }

  /** Restarts the pong deadline, as the client is read again. */
  void resume() {
    paused = false;
    if (awaitingPong) {
      dueIn(timeout);
    }
  }

  /** Stops the schedule; returns whether a pong is outstanding. */
  boolean end() {
    stop();
    boolean due = awaitingPong;
    awaitingPong = false;
    return due;
  }

  /** Cancels the timer. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
