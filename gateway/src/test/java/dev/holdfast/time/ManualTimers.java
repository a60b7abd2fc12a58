package dev.holdfast.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes when a test says so. Confined to one thread. */
public final class ManualTimers implements Timers {
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
  private long now;
  private long number;

  private record Task(long due, long number, Runnable action) {}

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    Task waiting = new Task(now + delay.toNanos(), number++, task);
    tasks.add(waiting);
    return () -> tasks.remove(waiting);
  }

  /** Lets time pass; what is due runs in its order, at its time. */
  public void pass(Duration time) {
    long end = now + time.toNanos();
    while (!tasks.isEmpty() && tasks.peek().due() <= end) {
      Task due = tasks.remove();
      now = due.due();
      due.action().run();
    }
    now = end;
  }

  /** Tasks that wait. */
  public int waiting() {
    return tasks.size();
  }
}
