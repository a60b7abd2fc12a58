package dev.holdfast.time;

import java.util.concurrent.Executor;

/**
 * A single thread that runs tasks in order, with its clock and timers. Thread-safe, except for what
 * is confined to the thread itself.
 */
public interface EventLoop extends Executor, Timers {
  /** Returns whether the caller runs on this thread. */
  boolean inEventLoop();
}
