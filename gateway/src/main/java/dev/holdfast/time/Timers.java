package dev.holdfast.time;

import java.time.Duration;

/** A clock and one-shot timers whose tasks run on the owner's thread. */
public interface Timers {
  /** Nanoseconds of a steady clock with an arbitrary origin. */
  long nanoTime();

  /** Runs the task once after the delay, unless cancelled before. */
  Timer after(Duration delay, Runnable task);

  /** A task that waits for its time. */
  interface Timer {
    /** Keeps the task from running; nothing happens if it already ran. */
    void cancel();
  }
}
