package dev.holdfast.time;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A timer task that never runs after it was cancelled. XNIO moves all due tasks to its queue at
 * once, from which they cannot be removed. Thread-safe.
 */
final class CancellableTask implements Timers.ScheduledTask, Runnable {
  private volatile @Nullable Runnable task;
  private final Runnable removal;

  CancellableTask(Timers timers, Duration delay, Runnable task) {
    this.task = task;
    this.removal = timers.schedule(delay, this);
  }

  @Override
  public void run() {
    Runnable due = task;
    task = null;
    if (due != null) {
      due.run();
    }
  }

  @Override
  public void cancel() {
    if (task != null) {
      task = null;
      removal.run();
    }
  }
}
