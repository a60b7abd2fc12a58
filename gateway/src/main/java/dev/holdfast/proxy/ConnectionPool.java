package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.upstream.DialFailure;
import dev.holdfast.upstream.Upstream;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/**
 * The connections to one backend, of all I/O threads: at most a given number of them, and behind
 * them a queue of bounded length, both shared among clients. Unused connections stay with the
 * thread that opened them; a request that finds none on its thread opens one. Thread-safe.
 */
final class ConnectionPool {
  /** An exchange that wants a connection; called on its own I/O thread. */
  interface Borrower {
    IoContext io();

    /** Who sent it. */
    Peer peer();

    /** Around what is done for it on its thread. */
    ErrorBoundary boundary();

    void connected(UpstreamConnection connection);

    void refused(Failure failure, String why);
  }

  private final Backend backend;
  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();

  /** Connections that are in use, or dialled for a request. */
  private final Pool uses;

  /** In the queue. */
  private final Pool places;

  /** Who waits, the longest waiting first, each with its place; guarded by itself. */
  private final Map<Borrower, Holding> queue = new LinkedHashMap<>();

  private final Iterable<IoContext> threads;

  ConnectionPool(Backend backend, Settings limits, Quotas quotas, Iterable<IoContext> threads) {
    this.backend = backend;
    this.limit = limits.get(ProxyKeys.CONNECTIONS);
    this.uses = quotas.pool(Resource.BACKEND_CONNECTIONS, limit);
    this.places = quotas.pool(Resource.BACKEND_QUEUE, limits.get(ProxyKeys.QUEUE));
    this.threads = threads;
  }

  /**
   * Finds or opens a connection, now or later.
   *
   * @param fresh whether it must not have been used before
   */
  void acquire(Borrower borrower, boolean fresh) {
    Optional<Holding> use = uses.take(borrower.peer(), 1);
    boolean begun = false;
    try {
      begun = use.isPresent() && begin(borrower, fresh, use.get());
    } finally {
      if (!begun) {
        use.ifPresent(Holding::release);
      }
    }
    if (!begun) {
      enqueue(borrower);
    }
  }

  /** With a connection that is idle, or a new one; false if there is none to have. */
  private boolean begin(Borrower borrower, boolean fresh, Holding use) {
    UpstreamConnection used = fresh ? null : takeIdle(borrower.io());
    if (used != null) {
      lend(used, borrower, use);
      return true;
    }
    return reserve() && dial(borrower, use);
  }

  private static void lend(UpstreamConnection connection, Borrower borrower, Holding use) {
    connection.lentAs(use);
    borrower.connected(connection);
  }

  private void enqueue(Borrower borrower) {
    Optional<Holding> place = places.take(borrower.peer(), 1);
    if (place.isEmpty()) {
      borrower.refused(Failure.QUEUE_FULL, "too many requests wait already");
      return;
    }
    synchronized (queue) {
      queue.put(borrower, place.get());
    }
    // A connection may have been closed meanwhile, or lie idle with another thread.
    serveQueue();
    if (idle.get() > 0) {
      threads.forEach(io -> io.thread().execute(() -> closeOneIdle(io)));
    }
  }

  private @Nullable UpstreamConnection takeIdle(IoContext io) {
    UpstreamConnection connection = io.idle(this).pollLast();
    while (connection != null) {
      idle.decrementAndGet();
      if (connection.alive()) {
        return connection;
      }
      connection.close();
      connection = io.idle(this).pollLast();
    }
    return null;
  }

  private void closeOneIdle(IoContext io) {
    UpstreamConnection connection = first(any -> true) == null ? null : io.idle(this).pollFirst();
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

  /** With a place that was reserved; always true. */
  private boolean dial(Borrower borrower, Holding use) {
    boolean begun = false;
    try {
      connect(new Dialled(borrower, use));
      begun = true;
      return true;
    } finally {
      if (!begun) {
        closed();
      }
    }
  }

  private void connect(Dialled dialled) {
    backend.dialling().connect(dialled.borrower.io().thread(), dialled);
  }

  /** What becomes of a dial. */
  private final class Dialled implements Upstream.Connected {
    private static final DialFailure INTERNAL =
        new DialFailure(DialFailure.Reason.UNREACHABLE, "internal error", false);

    private final Borrower borrower;
    private final Holding use;

    /** From when it is there, the connection counts itself. */
    private @Nullable UpstreamConnection connected;

    Dialled(Borrower borrower, Holding use) {
      this.borrower = borrower;
      this.use = use;
    }

    @Override
    public void connected(StreamConnection connection) {
      UpstreamConnection opened =
          new UpstreamConnection(connection, ConnectionPool.this, borrower.io());
      connected = opened;
      lend(opened, borrower, use);
    }

    @Override
    public void failed(DialFailure failure) {
      try {
        if (connected == null) {
          use.release();
          closed();
        } else {
          connected.close();
        }
      } finally {
        borrower.refused(Failure.UNREACHABLE, failure.sentence());
      }
    }
  }

  /** Takes a borrower out of the queue; false if it is being served. */
  boolean leaveQueue(Borrower borrower) {
    synchronized (queue) {
      Holding place = queue.get(borrower);
      if (place != null) {
        place.release();
        queue.remove(borrower);
      }
      return place != null;
    }
  }

  /** A connection can be used again: by the first of its thread in the queue, or whoever comes. */
  void release(UpstreamConnection connection) {
    boolean kept = false;
    try {
      kept = reuse(connection);
    } finally {
      if (!kept) {
        connection.close();
      }
    }
  }

  private boolean reuse(UpstreamConnection connection) {
    IoContext io = connection.io();
    connection.becomeIdle();
    Borrower next = first(borrower -> borrower.io() == io);
    if (next != null && !connection.alive()) {
      return false;
    }
    Optional<Holding> use = next == null ? Optional.empty() : admit(next);
    if (next != null && use.isPresent()) {
      lend(connection, next, use.get());
      return true;
    }
    idle.incrementAndGet();
    io.idle(this).addLast(connection);
    io.watch();
    // Only its own thread can use it; who waits on another one needs its place.
    closeOneIdle(io);
    return true;
  }

  /** The first in the queue that fits, and that may have a connection now. */
  private @Nullable Borrower first(Predicate<Borrower> fits) {
    synchronized (queue) {
      if (queue.isEmpty()) {
        return null;
      }
      Set<Peer> refused = new HashSet<>();
      for (Borrower each : queue.keySet()) {
        Peer peer = each.peer();
        if (fits.test(each) && !refused.contains(peer)) {
          if (uses.isOpenTo(peer, 1)) {
            return each;
          }
          refused.add(peer);
        }
      }
      return null;
    }
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
    Borrower next = first(any -> true);
    while (next != null && reserve()) {
      boolean served = false;
      try {
        served = serve(next);
      } finally {
        if (!served) {
          open.decrementAndGet();
        }
      }
      next = first(any -> true);
    }
  }

  /** Dials for one of the queue, whose place is reserved; false if it is not there any more. */
  private boolean serve(Borrower next) {
    Optional<Holding> use = admit(next);
    use.ifPresent(it -> next.io().thread().execute(() -> dialOnItsThread(next, it)));
    return use.isPresent();
  }

  /** Takes it out of the queue, with a use; empty if it may have none, or is not there any more. */
  private Optional<Holding> admit(Borrower next) {
    Optional<Holding> use = uses.take(next.peer(), 1);
    boolean admitted = false;
    try {
      admitted = use.isPresent() && leaveQueue(next);
    } finally {
      if (!admitted) {
        use.ifPresent(Holding::release);
      }
    }
    return admitted ? use : Optional.empty();
  }

  private void dialOnItsThread(Borrower next, Holding use) {
    Dialled dialled = new Dialled(next, use);
    if (!next.boundary().run(() -> connect(dialled))) {
      dialled.failed(Dialled.INTERNAL);
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

  /** Whether no connection is open and nobody waits for one. */
  boolean isUnused() {
    synchronized (queue) {
      return open.get() == 0 && queue.isEmpty();
    }
  }

  Backend backend() {
    return backend;
  }
}
