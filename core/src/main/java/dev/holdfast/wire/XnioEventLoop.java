package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import dev.holdfast.time.SteadyClock;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** An XNIO I/O thread as an event loop. Instances of the same thread are equal. Thread-safe. */
public record XnioEventLoop(XnioIoThread thread) implements EventLoop {
  /** Creates I/O threads, which are daemons. Only TLS handshakes compute off them. */
  public static XnioWorker worker(String name, int ioThreads) throws IOException {
    return Xnio.getInstance(XnioEventLoop.class.getClassLoader())
        .createWorker(
            OptionMap.builder()
                .set(Options.WORKER_NAME, name)
                .set(Options.WORKER_IO_THREADS, ioThreads)
                .set(Options.WORKER_TASK_CORE_THREADS, 1)
                .set(Options.WORKER_TASK_MAX_THREADS, 2)
                .set(Options.TCP_NODELAY, true)
                .set(Options.THREAD_DAEMON, true)
                .getMap());
  }

  /**
   * Returns the I/O thread of an event loop.
   *
   * @throws ClassCastException if the event loop is not one of XNIO's
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
      // The thread is shutting down with all its connections, so no timer is needed any more.
      return () -> {};
    }
  }
}
