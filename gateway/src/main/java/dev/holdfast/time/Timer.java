package dev.holdfast.time;

import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A timer that runs or does not. Confined to the thread of its timers. */
public final class Timer {
  private final Timers timers;
  private @Nullable ScheduledTask timer;
  private long end;

  /** A timer that does not run. */
  public Timer(Timers timers) {
    this.timers = timers;
  }

  /** Starts it, unless it runs already. */
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

  /** What is left until it goes off; empty if it does not run. */
  public Optional<Duration> left() {
    return timer == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(end - timers.nanoTime()));
  }

  /** Stops it; a second call changes nothing. */
  public void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
