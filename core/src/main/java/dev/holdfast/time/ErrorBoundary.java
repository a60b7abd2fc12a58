package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confines exceptions to the session or connection they occur in. All code that runs on behalf of
 * one (I/O, timers, tasks from other threads) is entered through its boundary. The first error is
 * logged and ends it, and nothing else. No other class catches Throwable. Exhausted memory may end
 * the process, see {@link OutOfMemory}. Confined to its owner, except for wrapping tasks.
 */
public final class ErrorBoundary {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorBoundary.class);

  private static final OutOfMemory PROCESS = OutOfMemory.ofProcess();

  private final String what;
  private final Runnable end;
  private final boolean lasting;
  private boolean failed;

  /**
   * A function with a target and one argument. As a constant, such as a method reference, it needs
   * no allocation per call.
   */
  public interface Entry<T, A, E extends Exception> {
    /** Performs the call. */
    void call(T target, A argument) throws E;
  }

  /**
   * Creates a boundary.
   *
   * @param what names the owner in the log, such as {@code a session}
   * @param end ends the owner; called at most once
   */
  public ErrorBoundary(String what, Runnable end) {
    this(what, end, false);
  }

  private ErrorBoundary(String what, Runnable end, boolean lasting) {
    this.what = what;
    this.end = end;
    this.lasting = lasting;
  }

  /**
   * Creates a boundary for something that no error may end, such as a periodic task; each error is
   * logged. Thread-safe if {@code recover} is.
   *
   * @param what names the owner in the log, such as {@code the health checks}
   * @param recover restores a consistent state; called after each error
   */
  public static ErrorBoundary lasting(String what, Runnable recover) {
    return new ErrorBoundary(what, recover, true);
  }

  /**
   * Runs an entry. Returns false if it threw; then the caller still owns what the entry was to take
   * over, such as a connection.
   */
  public boolean run(Runnable entry) {
    try {
      entry.run();
      return true;
      // Running out of memory is an error of this owner as well, and the others go on.
    } catch (Throwable error) {
      failed(error);
      return false;
    }
  }

  /** Runs an entry with a result; if it throws, {@code otherwise} provides the result. */
  public <T> T call(Supplier<T> entry, Function<Throwable, T> otherwise) {
    try {
      return entry.get();
    } catch (Throwable error) {
      failed(error);
      return otherwise.apply(error);
    }
  }

  /** Runs an entry of this target. */
  public <T> void enter(T target, Consumer<T> entry) {
    try {
      entry.accept(target);
    } catch (Throwable error) {
      failed(error);
    }
  }

  /** Runs an entry of this target; its declared exception propagates to the caller. */
  public <T, A, E extends Exception> void enter(T target, A argument, Entry<T, A, E> entry)
      throws E {
    try {
      entry.call(target, argument);
    } catch (RuntimeException | Error error) {
      failed(error);
    }
  }

  /**
   * Runs an entry in the middle of another owner's work. That owner continues, and this one ends in
   * a separate task. Returns false if the entry threw.
   */
  public <T, A, E extends Exception> boolean enter(
      T target, A argument, Entry<T, A, E> entry, EventLoop loop) throws E {
    try {
      entry.call(target, argument);
      return true;
    } catch (RuntimeException | Error error) {
      loop.execute(() -> failed(error));
      return false;
    }
  }

  /** Returns a task that runs the entry inside this boundary. */
  public Runnable guard(Runnable entry) {
    return () -> run(entry);
  }

  /** Returns timers whose tasks run inside this boundary. */
  public Timers guard(Timers timers) {
    return new Timers() {
      @Override
      public long nanoTime() {
        return timers.nanoTime();
      }

      @Override
      public Runnable schedule(Duration delay, Runnable task) {
        return timers.schedule(delay, guard(task));
      }
    };
  }

  /** Returns an event loop whose tasks run inside this boundary. */
  public EventLoop guard(EventLoop loop) {
    Timers timers = guard((Timers) loop);
    return new EventLoop() {
      @Override
      public boolean inEventLoop() {
        return loop.inEventLoop();
      }

      @Override
      public void execute(Runnable task) {
        loop.execute(guard(task));
      }

      @Override
      public long nanoTime() {
        return loop.nanoTime();
      }

      @Override
      public Runnable schedule(Duration delay, Runnable task) {
        return timers.schedule(delay, task);
      }
    };
  }

  /** Handles an error that an entry has thrown. */
  public void failed(Throwable error) {
    PROCESS.met(error);
    if (failed) {
      return;
    }
    // A lasting boundary may be entered by several threads.
    if (!lasting) {
      failed = true;
    }
    report(error);
    try {
      end.run();
    } catch (Throwable another) {
      PROCESS.met(another);
      report(another);
    }
  }

  /** Runs one cleanup step. An error is logged, so that the next step can still run. */
  public void attempt(Runnable step) {
    try {
      step.run();
    } catch (Throwable error) {
      PROCESS.met(error);
      report(error);
    }
  }

  private void report(Throwable error) {
    if (error instanceof RejectedExecutionException) {
      // The other thread has already terminated, as all do when the process stops.
      LOG.debug("{} ends with a thread", what, error);
      return;
    }
    LOG.error("internal error: {} {}", what, lasting ? "goes on" : "is ended", error);
  }
}
