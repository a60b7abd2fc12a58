package dev.holdfast.http1;

import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The accepted connections of one I/O thread, which are started a few at a time. XNIO delivers all
 * of them before it polls its sockets again: without pauses, a peer that connects fast enough would
 * starve the open connections of the thread. Confined to its I/O thread.
 */
final class AcceptQueue<C> {
  /** Connections started in a row; each takes some 0.1 ms. */
  static final int BATCH = 8;

  /** Pause after a batch, while the thread serves its sockets. XNIO has no shorter timers. */
  static final Duration PAUSE = Duration.ofMillis(1);

  /** Waiting connections at which accepting is suspended; the rest wait in the kernel. */
  static final int MAX_WAITING = 256;

  private final Timers timers;
  private final AcceptGate.Port port;
  private final Consumer<C> begin;
  private final ArrayDeque<C> waiting = new ArrayDeque<>();
  private int begun;
  private boolean pausing;
  private boolean suspended;

  /**
   * Creates an empty queue.
   *
   * @param port the port that accepts the connections
   * @param begin receives each connection in its turn; must not throw
   */
  AcceptQueue(Timers timers, AcceptGate.Port port, Consumer<C> begin) {
    this.timers = timers;
    this.port = port;
    this.begin = begin;
  }

  void add(C connection) {
    waiting.add(connection);
    if (!pausing) {
      beginSome();
    }
    if (!suspended && waiting.size() >= MAX_WAITING) {
      suspended = true;
      port.suspendAccepts();
    }
  }

  private void beginSome() {
    while (begun < BATCH && !waiting.isEmpty()) {
      begun++;
      begin.accept(waiting.remove());
    }
    if (begun == BATCH) {
      timers.after(PAUSE, this::goOn);
      pausing = true;
    }
  }

  private void goOn() {
    begun = 0;
    pausing = false;
    beginSome();
    if (suspended && waiting.size() <= MAX_WAITING / 2) {
      suspended = false;
      port.resumeAccepts();
    }
  }
}
