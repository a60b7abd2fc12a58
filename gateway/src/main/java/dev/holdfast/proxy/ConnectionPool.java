package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
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
 * The connections of all I/O threads to one backend: a limited number, with a bounded queue behind
 * them, and clients share both. Idle connections stay on the thread that opened them; a request
 * that finds none on its thread opens one. Thread-safe.
 */
final class ConnectionPool {
  /** An exchange that needs a connection; called on its own I/O thread. */
  interface PendingAcquire {
    IoContext io();

    /** Returns the peer whose quota it counts against. */
    Peer peer();

    /** Returns the boundary for work on its thread. */
    ErrorBoundary boundary();

    void connected(UpstreamConnection connection);

    void refused(Failure failure, String why);
  }

  private final Backend backend;
  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();

  /** Connections in use or being dialled. */
  private final Pool uses;

  /** Places in the queue. */
  private final Pool places;

  /** Pending acquires and their places in the queue, in arrival order; guarded by itself. */
  private final Map<PendingAcquire, Holding> queue = new LinkedHashMap<>();

  private final Iterable<IoContext> threads;

  ConnectionPool(Backend backend, Settings limits, Quotas quotas, Iterable<IoContext> threads) {
    this.backend = backend;
    this.limit = limits.get(ProxyKeys.CONNECTIONS);
    this.uses = quotas.pool(Resource.BACKEND_CONNECTIONS, limit);
    this.places = quotas.pool(Resource.BACKEND_QUEUE, limits.get(ProxyKeys.QUEUE));
    this.threads = threads;
  }

  /**
   * Provides a connection, now or later.
   *
   * @param fresh whether it must be a new connection
   */
  void acquire(PendingAcquire pending, boolean fresh) {
    Optional<Holding> use = uses.take(pending.peer(), 1);
    boolean begun = false;
    try {
      begun = use.isPresent() && begin(pending, fresh, use.get());
    } finally {
      if (!begun) {
        use.ifPresent(Holding::release);
      }
    }
    if (!begun) {
      enqueue(pending);
    }
  }

  /** Provides an idle or new connection; returns false if none is available. */
  private boolean begin(PendingAcquire pending, boolean fresh, Holding use) {
    UpstreamConnection used = fresh ? null : takeIdle(pending.io());
    if (used != null) {
      assign(used, pending, use);
      return true;
    }
    return reserve() && dial(pending, use);
  }

  private static void assign(UpstreamConnection connection, PendingAcquire pending, Holding use) {
    connection.assignedTo(use);
    pending.connected(connection);
  }

  private void enqueue(PendingAcquire pending) {
    Optional<Holding> place = places.take(pending.peer(), 1);
    if (place.isEmpty()) {
      pending.refused(Failure.QUEUE_FULL, "the queue is full");
      return;
    }
    synchronized (queue) {
      queue.put(pending, place.get());
    }
    // A connection may have closed in the meantime, or be idle on another thread.
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

  /** Dials with a slot that is already reserved; always returns true. */
  private boolean dial(PendingAcquire pending, Holding use) {
    boolean begun = false;
    try {
      connect(new Dialled(pending, use));
      begun = true;
      return true;
    } finally {
      if (!begun) {
        closed();
      }
    }
  }

  private void connect(Dialled dialled) {
    backend.connector().connect(dialled.pending.io().thread(), dialled);
  }

  /** Handles the result of a dial. */
  private final class Dialled implements ConnectCallback {
    private static final DialFailure INTERNAL =
        new DialFailure(DialFailure.Reason.UNREACHABLE, "internal error", false);

    private final PendingAcquire pending;
    private final Holding use;

    /** Once it exists, the connection releases its own slot. */
    private @Nullable UpstreamConnection connected;

    Dialled(PendingAcquire pending, Holding use) {
      this.pending = pending;
      this.use = use;
    }

    @Override
    public void connected(StreamConnection connection) {
      UpstreamConnection opened =
          new UpstreamConnection(connection, ConnectionPool.this, pending.io());
      connected = opened;
      assign(opened, pending, use);
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
        pending.refused(Failure.UNREACHABLE, failure.sentence());
      }
    }
  }

  /** Removes a pending acquire from the queue; returns false if it is already being served. */
  boolean leaveQueue(PendingAcquire pending) {
    synchronized (queue) {
      Holding place = queue.get(pending);
      if (place != null) {
        place.release();
        queue.remove(pending);
      }
      return place != null;
    }
  }

  /** Reuses a connection for the first pending acquire of its thread, or keeps it idle. */
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
    PendingAcquire next = first(pending -> pending.io() == io);
    if (next != null && !connection.alive()) {
      return false;
    }
    Optional<Holding> use = next == null ? Optional.empty() : admit(next);
    if (next != null && use.isPresent()) {
      assign(connection, next, use.get());
      return true;
    }
    idle.incrementAndGet();
    io.idle(this).addLast(connection);
    io.watch();
    // Only its own thread can use the connection, but its slot may serve a pending acquire
    // of another thread.
    closeOneIdle(io);
    return true;
  }

  /** Returns the first matching pending acquire whose quota allows a connection. */
  private @Nullable PendingAcquire first(Predicate<PendingAcquire> fits) {
    synchronized (queue) {
      if (queue.isEmpty()) {
        return null;
      }
      Set<Peer> refused = new HashSet<>();
      for (PendingAcquire each : queue.keySet()) {
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

  /** Releases the slot of a closed connection. */
  void closed() {
    open.decrementAndGet();
    serveQueue();
  }

  /** Called when the backend has closed an idle connection, or sent unexpected bytes on it. */
  void idleEnded(UpstreamConnection connection) {
    if (connection.io().idle(this).remove(connection)) {
      idle.decrementAndGet();
    }
    connection.close();
  }

  private void serveQueue() {
    PendingAcquire next = first(any -> true);
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

  /**
   * Dials for a pending acquire from the queue with a reserved slot; returns false if it has left
   * the queue.
   */
  private boolean serve(PendingAcquire next) {
    Optional<Holding> use = admit(next);
    use.ifPresent(it -> next.io().thread().execute(() -> dialOnItsThread(next, it)));
    return use.isPresent();
  }

  /**
   * Removes a pending acquire from the queue and charges its quota; empty if the quota is used up
   * or it has left the queue.
   */
  private Optional<Holding> admit(PendingAcquire next) {
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

  private void dialOnItsThread(PendingAcquire next, Holding use) {
    Dialled dialled = new Dialled(next, use);
    if (!next.boundary().run(() -> connect(dialled))) {
      dialled.failed(Dialled.INTERNAL);
    }
  }

  /** Closes connections that have been idle since then. */
  void closeIdle(IoContext io, long since) {
    UpstreamConnection oldest = io.idle(this).peekFirst();
    while (oldest != null && oldest.idleSince() - since <= 0) {
      io.idle(this).pollFirst();
      idle.decrementAndGet();
      oldest.close();
      oldest = io.idle(this).peekFirst();
    }
  }

  /** Returns whether no connection is open and the queue is empty. */
  boolean isUnused() {
    synchronized (queue) {
      return open.get() == 0 && queue.isEmpty();
    }
  }

  Backend backend() {
    return backend;
  }
}
