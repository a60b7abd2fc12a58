package dev.holdfast.time;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** A thread whose tasks run, and whose time passes, when a test says so. */
public final class ManualLoop implements EventLoop {
  private final ManualTimers timers = new ManualTimers();
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Its clock. */
  public ManualTimers timers() {
    return timers;
  }

  /** Runs what waits. */
  public void run() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  /** Runs the first task that waits; false if none does. */
  public boolean runOne() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  @Override
  public boolean inEventLoop() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public long nanoTime() {
    return timers.nanoTime();
  }

  @Override
  public Runnable schedule(Duration delay, Runnable task) {
    return timers.schedule(delay, task);
  }
}
