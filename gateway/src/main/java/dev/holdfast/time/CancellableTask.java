package dev.holdfast.time;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A timer whose cancel means cancel. XNIO puts all tasks that are due into its queue at once, and
 * those cannot be removed any more. Thread-safe.
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
