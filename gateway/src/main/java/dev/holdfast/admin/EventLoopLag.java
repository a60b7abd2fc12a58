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

/** Measures how late a periodic task runs on each I/O thread. Thread-safe. */
public final class EventLoopLag implements Closeable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** Longer than a garbage collection pause. */
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

  /** Returns a description of the lag of the slowest thread; empty if it is small. */
  public Optional<String> warning() {
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

  /** Runs on its I/O thread; other threads may read the lag. */
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

    /** Returns the lag of the last run, or of the next one if that is already later. */
    private long lag(long now) {
      return Math.max(last, now - planned);
    }
  }
}
