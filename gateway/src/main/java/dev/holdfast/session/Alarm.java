package dev.holdfast.session;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.Timer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A timer that runs or does not. Confined to its session. */
final class Alarm {
  private final Timers timers;
  private @Nullable Timer timer;
  private long end;

  Alarm(Timers timers) {
    this.timers = timers;
  }

  /** Starts it, unless it runs already. */
  void start(Duration delay, Runnable task) {
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
  Optional<Duration> left() {
    return timer == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(end - timers.nanoTime()));
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
