package dev.holdfast.session;

import dev.holdfast.time.Timers;

/**
 * A clock that stands still while links are not read, because they are paused or because the
 * process did not run. Confined to its session.
 */
final class PausedClock {
  private final Timers timers;
  private long paused;
  private long since;
  private boolean isPaused;
  private long askedAt;
  private long mostBetween = Long.MAX_VALUE;
  private long stoodStill;

  PausedClock(Timers timers) {
    this.timers = timers;
    this.askedAt = timers.nanoTime();
  }

  /**
   * Expects a query every {@code period} nanoseconds. After a gap of several periods, nothing was
   * read in it either.
   */
  void isAskedEvery(long period) {
    askedAt = timers.nanoTime();
    mostBetween = 3 * period;
  }

  /** Expects queries only when something arrives: a gap means nothing. */
  void isAskedAtTimes() {
    mostBetween = Long.MAX_VALUE;
  }

  long nanoTime() {
    long now = timers.nanoTime();
    long silence = now - askedAt;
    askedAt = now;
    if (!isPaused && silence > mostBetween) {
      paused += silence;
      stoodStill += silence;
    }
    return (isPaused ? since : now) - paused;
  }

  /** Returns for how long the process did not run since the last call, in nanoseconds. */
  long takeStoodStill() {
    long unused = nanoTime();
    long taken = stoodStill;
    stoodStill = 0;
    return taken;
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
      askedAt = timers.nanoTime();
      paused += askedAt - since;
      isPaused = false;
    }
  }
}
