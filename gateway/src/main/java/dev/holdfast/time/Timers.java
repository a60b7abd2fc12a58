package dev.holdfast.time;

import java.time.Duration;

/** A clock and one-shot timers whose tasks run on the owner's thread. */
public interface Timers {
  /** Nanoseconds of a steady clock with an arbitrary origin. */
  long nanoTime();

  /**
   * Runs the task once after the delay. Says how it is removed; one that is due already may run all
   * the same, so everybody but an implementation uses {@link #after}.
   */
  Runnable schedule(Duration delay, Runnable task);

  /** Runs the task once after the delay, unless cancelled before. */
  default ScheduledTask after(Duration delay, Runnable task) {
    return new CancellableTask(this, delay, task);
  }

  /** A task that waits for its time. */
  interface ScheduledTask {
    /** Keeps the task from running; nothing happens if it already ran. */
    void cancel();
  }
}
