package dev.holdfast.session;

import dev.holdfast.time.Timers;

/** A clock that stands still while links are not read. Confined to its session. */
final class PausedClock {
  private final Timers timers;
  private long paused;
  private long since;
  private boolean isPaused;

  PausedClock(Timers timers) {
    this.timers = timers;
  }

  long nanoTime() {
    return (isPaused ? since : timers.nanoTime()) - paused;
  }

  boolean isPaused() {
    return isPaused;
  }

  void pause() {
    if (!isPaused) {
      since = timers.nanoTime();
      isPaused = true;
    }
  }

  void resume() {
    if (isPaused) {
      paused += timers.nanoTime() - since;
      isPaused = false;
    }
  }
}
