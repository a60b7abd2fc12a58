package dev.holdfast.admin;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;
import org.xnio.XnioWorker;

/** Measures on each I/O thread how late a periodic task runs. Thread-safe. */
public final class EventLoopLag implements Closeable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** A pause for garbage is shorter. */
  private static final Duration LATE = Duration.ofMillis(250);

  private final List<Task> tasks;
  private final List<XnioExecutor.Key> keys;

  private EventLoopLag(List<Task> tasks, List<XnioExecutor.Key> keys) {
    this.tasks = tasks;
    this.keys = keys;
  }

  /** Starts one task on each I/O thread of the worker. */
  public static EventLoopLag measure(XnioWorker worker, Metrics metrics) {
    List<Task> tasks = new ArrayList<>();
    List<XnioExecutor.Key> keys = new ArrayList<>();
    for (int number = 0; number < worker.getIoThreadCount(); number++) {
      Task task = new Task(metrics);
      tasks.add(task);
      keys.add(
          worker
              .getIoThread(number)
              .executeAtInterval(task, INTERVAL.toNanos(), TimeUnit.NANOSECONDS));
    }
    return new EventLoopLag(tasks, keys);
  }

  /** How late the tasks of the slowest thread run now, for people; empty if that is not much. */
  public Optional<String> late() {
    long now = SteadyClock.nanoTime();
    long lag = tasks.stream().mapToLong(task -> task.lag(now)).max().orElse(0);
    return lag < LATE.toNanos()
        ? Optional.empty()
        : Optional.of("an I/O thread runs " + Duration.ofNanos(lag).toMillis() + " ms late");
  }

  @Override
  public void close() {
    keys.forEach(XnioExecutor.Key::remove);
  }

  /** Runs on its I/O thread; others may ask for the lag. */
  private static final class Task implements Runnable {
    private final Metrics metrics;
    private volatile long planned = SteadyClock.nanoTime() + INTERVAL.toNanos();
    private volatile long last;

    Task(Metrics metrics) {
      this.metrics = metrics;
    }

    @Override
    public void run() {
      long now = SteadyClock.nanoTime();
      last = Math.max(0, now - planned);
      planned = now + INTERVAL.toNanos();
      metrics.eventLoopLag(Duration.ofNanos(last));
    }

    /** That of the last run, or of the one that is due. */
    private long lag(long now) {
      return Math.max(last, now - planned);
    }
  }
}
