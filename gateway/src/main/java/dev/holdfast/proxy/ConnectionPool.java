package dev.holdfast.proxy;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.upstream.DialFailure;
import dev.holdfast.upstream.Upstream;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/**
 * The connections to one backend, of all I/O threads: at most a given number of them, and behind
 * them a queue of bounded length. Unused connections stay with the thread that opened them; a
 * request that finds none on its thread opens one. Thread-safe.
 */
final class ConnectionPool {
  /** An exchange that wants a connection; called on its own I/O thread. */
  interface Borrower {
    IoContext io();

    /** Around what is done for it on its thread. */
    ErrorBoundary boundary();

    void connected(UpstreamConnection connection);

    void refused(Failure failure, String why);
  }

  private final Backend backend;
  private final int limit;
  private final int queueLimit;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();
  private final ConcurrentLinkedQueue<Borrower> queue = new ConcurrentLinkedQueue<>();
  private final Iterable<IoContext> threads;

  ConnectionPool(Backend backend, int limit, int queueLimit, Iterable<IoContext> threads) {
    this.backend = backend;
    this.limit = limit;
    this.queueLimit = queueLimit;
    this.threads = threads;
  }

  /**
   * Finds or opens a connection, now or later.
   *
   * @param fresh whether it must not have been used before
   * @param checked whether a used one is to be looked at before it is taken
   */
  void acquire(Borrower borrower, boolean fresh, boolean checked) {
    UpstreamConnection used = fresh ? null : takeIdle(borrower.io(), checked);
    if (used != null) {
      borrower.connected(used);
    } else if (reserve()) {
      dial(borrower);
    } else if (queued.incrementAndGet() > queueLimit) {
      queued.decrementAndGet();
      borrower.refused(Failure.QUEUE_FULL, queueLimit + " requests wait already");
    } else {
      queue.add(borrower);
      // A connection may have been closed meanwhile, or lie idle with another thread.
      serveQueue();
      if (idle.get() > 0) {
        threads.forEach(io -> io.thread().execute(() -> closeOneIdle(io)));
      }
    }
  }

  private @Nullable UpstreamConnection takeIdle(IoContext io, boolean checked) {
    UpstreamConnection connection = io.idle(this).pollLast();
    while (connection != null) {
      idle.decrementAndGet();
      if (!checked || connection.alive()) {
        return connection;
      }
      connection.close();
      connection = io.idle(this).pollLast();
    }
    return null;
  }

  private void closeOneIdle(IoContext io) {
    UpstreamConnection connection = queue.isEmpty() ? null : io.idle(this).pollFirst();
    if (connection != null) {
      idle.decrementAndGet();
      connection.close();
    }
  }

  private boolean reserve() {
    if (open.incrementAndGet() <= limit) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  private void dial(Borrower borrower) {
    try {
      connect(borrower);
    } catch (RuntimeException | Error ours) {
      closed();
      throw ours;
    }
  }

  private void connect(Borrower borrower) {
    backend
        .dialling()
        .connect(
            borrower.io().thread(),
            new Upstream.Connected() {
              @Override
              public void connected(StreamConnection connection) {
                borrower.connected(
                    new UpstreamConnection(connection, ConnectionPool.this, borrower.io()));
              }

              @Override
              public void failed(DialFailure failure) {
                closed();
                borrower.refused(Failure.UNREACHABLE, failure.sentence());
              }
            });
  }

  /** Takes a borrower out of the queue; false if it is being served. */
  boolean leaveQueue(Borrower borrower) {
    boolean left = queue.remove(borrower);
    if (left) {
      queued.decrementAndGet();
    }
    return left;
  }

  /** A connection can be used again: by the first of its thread in the queue, or whoever comes. */
  void release(UpstreamConnection connection) {
    IoContext io = connection.io();
    connection.becomeIdle();
    for (Borrower next : queue) {
      if (next.io() == io && leaveQueue(next)) {
        next.connected(connection);
        return;
      }
    }
    idle.incrementAndGet();
    io.idle(this).addLast(connection);
    io.watch();
    // Only its own thread can use it; who waits on another one needs its place.
    closeOneIdle(io);
  }

  /** A connection that was reserved is no more. */
  void closed() {
    open.decrementAndGet();
    serveQueue();
  }

  /** An unused connection was ended by the backend, or sent what nobody asked for. */
  void idleEnded(UpstreamConnection connection) {
    if (connection.io().idle(this).remove(connection)) {
      idle.decrementAndGet();
    }
    connection.close();
  }

  private void serveQueue() {
    while (!queue.isEmpty() && reserve()) {
      Borrower next = poll();
      if (next == null) {
        open.decrementAndGet();
        return;
      }
      next.io().thread().execute(next.boundary().guard(() -> dial(next)));
    }
  }

  /** Closes what has not been used since then. */
  void closeIdle(IoContext io, long since) {
    UpstreamConnection oldest = io.idle(this).peekFirst();
    while (oldest != null && oldest.idleSince() - since <= 0) {
      io.idle(this).pollFirst();
      idle.decrementAndGet();
      oldest.close();
      oldest = io.idle(this).peekFirst();
    }
  }

  private @Nullable Borrower poll() {
    Borrower next = queue.poll();
    if (next != null) {
      queued.decrementAndGet();
    }
    return next;
  }

  /** Whether no connection is open and nobody waits for one. */
  boolean isUnused() {
    return open.get() == 0 && queue.isEmpty();
  }

  Backend backend() {
    return backend;
  }
}
