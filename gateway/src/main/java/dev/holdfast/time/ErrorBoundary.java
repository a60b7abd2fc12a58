package dev.holdfast.time;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is thrown inside one session or connection from all others: whatever enters it from
 * outside (I/O, a timer, a task of another thread) passes here, and the first error is logged and
 * ends exactly this one. No other class catches what may be thrown anywhere. Memory that is used up
 * may end the process, as {@link OutOfMemory} says. Confined to its owner, but for what wraps
 * tasks.
 */
public final class ErrorBoundary {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorBoundary.class);

  private static final OutOfMemory PROCESS = OutOfMemory.ofProcess();

  private final String what;
  private final Runnable end;
  private final boolean lasting;
  private boolean failed;

  /**
   * Something to be called with one argument. As a constant, such as a reference to a method, it
   * costs no object for each call.
   */
  public interface Entry<T, A, E extends Exception> {
    /** Calls it. */
    void call(T target, A argument) throws E;
  }

  /**
   * A boundary around something.
   *
   * @param what in the log, such as {@code a session}
   * @param end ends it; called once at most
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
   * A boundary around what no error may end, such as a periodic task: each error is logged.
   * Thread-safe if {@code recover} is.
   *
   * @param what in the log, such as {@code the health checks}
   * @param recover puts right what was left undone; called after each error
   */
  public static ErrorBoundary lasting(String what, Runnable recover) {
    return new ErrorBoundary(what, recover, true);
  }

  /**
   * Runs an entry now. False if something was thrown: what the entry was to take over, such as a
   * connection, is still the caller's.
   */
  public boolean run(Runnable entry) {
    try {
      entry.run();
      return true;
      // Memory that ran out is no less an error of this one, and the others go on.
    } catch (Throwable error) {
      failed(error);
      return false;
    }
  }

  /** Runs an entry that has a result; if it throws, the result is what {@code otherwise} says. */
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

  /** Runs an entry of this target; the checked exception that it declares goes to the caller. */
  public <T, A, E extends Exception> void enter(T target, A argument, Entry<T, A, E> entry)
      throws E {
    try {
      entry.call(target, argument);
    } catch (RuntimeException | Error error) {
      failed(error);
    }
  }

  /**
   * The same in the middle of what another owner does: that one goes on, and this one ends in a
   * task of its own. False if something was thrown.
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

  /** The same entry, to be run later. */
  public Runnable guard(Runnable entry) {
    return () -> run(entry);
  }

  /** Timers whose tasks are entries. */
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

  /** An event loop whose tasks are entries. */
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

  /** An entry has thrown this. */
  public void failed(Throwable error) {
    PROCESS.met(error);
    if (failed) {
      return;
    }
    // What lasts may be entered by several threads.
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

  /** Runs one step of the cleanup. If it throws, the error is logged and the next step can run. */
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
      // The other thread has ended already, as all do when the process stops.
      LOG.debug("{} ends with a thread", what, error);
      return;
    }
    LOG.error("internal error: {} {}", what, lasting ? "goes on" : "is ended", error);
  }
}
