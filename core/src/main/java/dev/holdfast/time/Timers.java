package dev.holdfast.time;

import java.time.Duration;

/** A clock and one-shot timers whose tasks run on the owner's thread. */
public interface Timers {
  /** Returns nanoseconds of a steady clock with an arbitrary origin. */
  long nanoTime();

  /**
   * Schedules a task and returns how to remove it. A task that is already due may still run
   * afterwards, so callers use {@link #after}.
   */
  Runnable schedule(Duration delay, Runnable task);

  /** Runs the task once after the delay, unless cancelled before. */
  default ScheduledTask after(Duration delay, Runnable task) {
    return new CancellableTask(this, delay, task);
  }

  /** A scheduled task. */
  interface ScheduledTask {
    /** Cancels the task; has no effect if it has already run. */
    void cancel();
  }
}
