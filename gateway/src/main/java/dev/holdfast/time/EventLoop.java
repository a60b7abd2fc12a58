package dev.holdfast.time;

import java.util.concurrent.Executor;

/**
 * One thread that runs tasks one after the other, with its clock and timers. Thread-safe, but for
 * what is confined to the thread itself.
 */
public interface EventLoop extends Executor, Timers {
  /** Whether the caller runs on this thread. */
  boolean inEventLoop();
}
