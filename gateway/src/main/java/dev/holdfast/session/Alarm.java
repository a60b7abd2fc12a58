package dev.holdfast.session;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A timer that runs or does not. Confined to its session. */
final class Alarm {
  private final Timers timers;
  private @Nullable Timer timer;

  Alarm(Timers timers) {
    this.timers = timers;
  }

  /** Starts it, unless it runs already. */
  void start(Duration delay, Runnable task) {
    if (timer == null) {
      timer =
          timers.after(
              delay,
              () -> {
                timer = null;
                task.run();
              });
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
