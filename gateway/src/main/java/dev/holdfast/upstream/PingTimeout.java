package dev.holdfast.upstream;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that the other end of a link has said nothing for too long. What it says while we do
 * not read counts as heard: it was not the other end that was silent. Confined to its I/O thread.
 */
final class PingTimeout {
  /** Parts that the limit is watched in: the end is told at most this much late. */
  private static final int PARTS = 4;

  private final Timers timers;
  private final Consumer<Duration> tooLong;
  private @Nullable ScheduledTask timer;
  private boolean paused;
  private int silentParts;

  /** Nothing is watched yet; {@code tooLong} is told the limit once it has passed. */
  PingTimeout(Timers timers, Consumer<Duration> tooLong) {
    this.timers = timers;
    this.tooLong = tooLong;
  }

  /** Watches from now on, with this limit in place of an earlier one. */
  void watch(Duration limit) {
    stop();
    // Not by dividedBy, which makes decimals of durations.
    await(Duration.ofNanos(limit.toNanos() / PARTS));
  }

  private void await(Duration part) {
    timer =
        timers.after(
            part,
            () -> {
              if (!paused && ++silentParts > PARTS) {
                tooLong.accept(part.multipliedBy(PARTS));
              } else {
                await(part);
              }
            });
  }

  /** The other end has said something. */
  void heard() {
    silentParts = 0;
  }

  /** We do not read from now on. */
  void pause() {
    paused = true;
  }

  /** We read again. */
  void resume() {
    if (paused) {
      paused = false;
      heard();
    }
  }

  /** Watches no more. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
