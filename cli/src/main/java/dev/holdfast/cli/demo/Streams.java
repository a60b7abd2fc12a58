package dev.holdfast.cli.demo;

import io.undertow.websockets.core.WebSocketChannel;
import java.io.Closeable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;

/** The answers in progress, which survive a restart of the stand-in. Thread-safe. */
final class Streams implements Closeable {
  private static final int WORD_MILLIS = 50;
  private static final int MOST_STREAMS = 100;

  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(1, Streams::daemon, new DiscardPolicy());

  private final Map<String, Words> all =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Words> eldest) {
          return size() > MOST_STREAMS;
        }
      };

  /**
   * Sends the words of a stream to this socket from now on; creates the stream if necessary.
   *
   * @param name chosen by the page
   */
  void join(String name, int count, WebSocketChannel listener) {
    synchronized (all) {
      Words words = all.computeIfAbsent(name, unknown -> new Words(count));
      if (words.join(listener)) {
        timer.execute(() -> step(words));
      }
    }
  }

  /** Pauses all streams until clients join again, because the stand-in stops. */
  void suspend() {
    synchronized (all) {
      all.values().forEach(Words::suspend);
    }
  }

  /** Runs a task once after the delay. */
  void later(Runnable task, int millis) {
    var unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  private void step(Words words) {
    synchronized (all) {
      if (words.step()) {
        later(() -> step(words), WORD_MILLIS);
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "demo-streams");
    thread.setDaemon(true);
    return thread;
  }
}
