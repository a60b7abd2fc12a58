package dev.holdfast.admin;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** Measures on each I/O thread how late a periodic task runs. Thread-safe. */
public final class EventLoopLag implements Closeable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final List<XnioExecutor.Key> tasks;

  private EventLoopLag(List<XnioExecutor.Key> tasks) {
    this.tasks = tasks;
  }

  /** Starts one task on each I/O thread of the worker. */
  public static EventLoopLag measure(XnioWorker worker, Metrics metrics) {
    return new EventLoopLag(
        IntStream.range(0, worker.getIoThreadCount())
            .mapToObj(number -> start(worker.getIoThread(number), metrics))
            .toList());
  }

  private static XnioExecutor.Key start(XnioIoThread thread, Metrics metrics) {
    return thread.executeAtInterval(new Task(metrics), INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    tasks.forEach(XnioExecutor.Key::remove);
  }

  /** Confined to its I/O thread after the start. */
  private static final class Task implements Runnable {
    private final Metrics metrics;
    private long planned = SteadyClock.nanoTime() + INTERVAL.toNanos();

    Task(Metrics metrics) {
      this.metrics = metrics;
    }

    @Override
    public void run() {
      long now = SteadyClock.nanoTime();
      metrics.eventLoopLag(Duration.ofNanos(Math.max(0, now - planned)));
      planned = now + INTERVAL.toNanos();
    }
  }
}
