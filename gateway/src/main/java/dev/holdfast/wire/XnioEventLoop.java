package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/** An I/O thread of XNIO as an event loop. Two of one thread are equal. Thread-safe. */
public record XnioEventLoop(XnioIoThread thread) implements EventLoop {
  /**
   * The I/O thread of an event loop.
   *
   * @throws ClassCastException if it is none of XNIO's
   */
  public static XnioIoThread thread(EventLoop loop) {
    return ((XnioEventLoop) loop).thread;
  }

  @Override
  public boolean inEventLoop() {
    return thread.equals(Thread.currentThread());
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(task);
  }

  @Override
  public long nanoTime() {
    return SteadyClock.nanoTime();
  }

  @Override
  public Runnable schedule(Duration delay, Runnable task) {
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
