package dev.holdfast.redis;

import dev.holdfast.time.SteadyClock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes a waiting thread now or at a given time. Thread-safe. */
final class Wakeup {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long at;
  private boolean set;

  /** Wakes the thread. */
  void now() {
    within(0);
  }

  /** Wakes the thread after at most this many nanoseconds. */
  void within(long nanos) {
    long time = SteadyClock.nanoTime() + nanos;
    lock.lock();
    try {
      if (!set || time - at < 0) {
        at = time;
        set = true;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until woken, for at most this many nanoseconds. */
  void await(long most) throws InterruptedException {
    long end = SteadyClock.nanoTime() + most;
    lock.lock();
    try {
      while (true) {
        long now = SteadyClock.nanoTime();
        long left = end - now;
        if (set) {
          left = Math.min(left, at - now);
        }
        if (left <= 0) {
          set = false;
          return;
        }
        boolean unused = changed.await(left, TimeUnit.NANOSECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
