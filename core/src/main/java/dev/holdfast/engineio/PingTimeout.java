package dev.holdfast.engineio;

import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Detects that the other end of a link has been silent for too long. Time during which reading is
 * paused does not count. Confined to its I/O thread.
 */
final class PingTimeout {
  /**
   * Number of intervals that the limit is divided into; the callback is at most one of them late.
   */
  private static final int PARTS = 4;

  private final Timers timers;
  private final Consumer<Duration> tooLong;
  private @Nullable ScheduledTask timer;
  private boolean paused;
  private int silentParts;

  /** Creates an idle timeout; {@code tooLong} receives the limit when it has passed. */
  PingTimeout(Timers timers, Consumer<Duration> tooLong) {
    this.timers = timers;
    this.tooLong = tooLong;
  }

  /** Starts to watch with this limit, which replaces an earlier one. */
  void watch(Duration limit) {
    stop();
    // dividedBy would go through BigDecimal.
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

  /** Records that the other end sent something. */
  void packetReceived() {
    silentParts = 0;
  }

  /** Called when reading is paused. */
  void pause() {
    paused = true;
  }

  /** Called when reading is resumed. */
  void resume() {
    if (paused) {
      paused = false;
      packetReceived();
    }
  }

  /** Stops watching. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
