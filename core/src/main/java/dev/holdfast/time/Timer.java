package dev.holdfast.time;

import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A restartable one-shot timer. Confined to the thread of its timers. */
public final class Timer {
  private final Timers timers;
  private @Nullable ScheduledTask timer;
  private long end;

  /** Creates a stopped timer. */
  public Timer(Timers timers) {
    this.timers = timers;
  }

  /** Starts the timer unless it is running. */
  public void start(Duration delay, Runnable task) {
    if (timer == null) {
      end = timers.nanoTime() + delay.toNanos();
      timer =
          timers.after(
              delay,
              () -> {
                timer = null;
                task.run();
              });
    }
  }

  /** Returns the remaining time; empty if the timer is stopped. */
  public Optional<Duration> left() {
    return timer == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(end - timers.nanoTime()));
  }

  /** Stops the timer if it is running. */
  public void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
