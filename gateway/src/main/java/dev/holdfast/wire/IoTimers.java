package dev.holdfast.wire;

import dev.holdfast.time.SteadyClock;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/** Timers of an I/O thread: their tasks run on it. Thread-safe. */
public record IoTimers(XnioIoThread thread) implements Timers {
  @Override
  public long nanoTime() {
    return SteadyClock.nanoTime();
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    try {
      XnioExecutor.Key key =
          thread.executeAfter(task, Math.max(1, delay.toMillis()), TimeUnit.MILLISECONDS);
      return key::remove;
    } catch (RejectedExecutionException e) {
      // The thread is about to end, and all connections with it: nothing is left to be timed.
      return () -> {};
    }
  }
}
