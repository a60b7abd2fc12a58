package dev.holdfast.time;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Time that passes when a test says so. Confined to one thread. */
public final class ManualTimers implements Timers {
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
  private long now;
  private long number;
  private boolean fails;

  private record Task(long due, long number, Runnable action) {}

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Runnable schedule(Duration delay, Runnable task) {
    if (fails) {
      fails = false;
      throw new IllegalStateException("a fault of the thread");
    }
    Task waiting = new Task(now + delay.toNanos(), number++, task);
    tasks.add(waiting);
    return () -> tasks.remove(waiting);
  }

  /** The next call of {@link #schedule} throws. */
  public void failOnce() {
    fails = true;
  }

  /** Lets time pass; what is due runs at its time, and what is due at one time as one batch. */
  public void pass(Duration time) {
    long end = now + time.toNanos();
    while (!tasks.isEmpty() && tasks.peek().due() <= end) {
      now = tasks.peek().due();
      runDue();
    }
    now = end;
  }

  /** Lets time pass, while the thread is busy or not. */
  public void pass(Duration time, boolean busy) {
    if (busy) {
      jump(time);
    } else {
      pass(time);
    }
  }

  /** The thread has been busy for so long: all that has become due meanwhile runs as one batch. */
  public void jump(Duration time) {
    now += time.toNanos();
    runDue();
  }

  /** As XNIO does, takes all that is due out at once: who removes it after that is too late. */
  private void runDue() {
    List<Task> batch = new ArrayList<>();
    while (!tasks.isEmpty() && tasks.peek().due() <= now) {
      batch.add(tasks.remove());
    }
    batch.forEach(due -> due.action().run());
  }

  /** Tasks that wait. */
  public int waiting() {
    return tasks.size();
  }
}
