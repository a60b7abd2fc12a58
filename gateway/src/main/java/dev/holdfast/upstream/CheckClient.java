package dev.holdfast.upstream;

import dev.holdfast.memory.BufferPool;
import java.io.Closeable;
import java.io.IOException;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/**
 * The I/O thread and buffers of health checks, separate from those of sessions so that a busy node
 * does not mistake its upstreams for slow. Thread-safe.
 */
record CheckClient(XnioWorker worker, BufferPool pool) implements Closeable {
  private static final long MEMORY = 1024 * 1024;

  static CheckClient open() throws IOException {
    XnioWorker worker =
        Xnio.getInstance(CheckClient.class.getClassLoader())
            .createWorker(
                OptionMap.builder()
                    .set(Options.WORKER_NAME, "upstream-check")
                    .set(Options.WORKER_IO_THREADS, 1)
                    .set(Options.WORKER_TASK_CORE_THREADS, 1)
                    .set(Options.WORKER_TASK_MAX_THREADS, 1)
                    .set(Options.THREAD_DAEMON, true)
                    .getMap());
    return new CheckClient(worker, new BufferPool(MEMORY));
  }

  XnioIoThread thread() {
    return worker.getIoThread();
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
