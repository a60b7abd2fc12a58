package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.time.Timers;
import dev.holdfast.wire.XnioEventLoop;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Obtains a connection for a request: chooses a backend and waits in the queue of its pool. While
 * the backend is unavailable, a request that is safe to repeat waits in the {@link HoldQueue}.
 *
 * <pre>
 *   begin ──▶ chosen ──▶ queue, dial ──▶ connected
 *     ▲          │ none       │ refused
 *     └── held ◀─┴────────────┘ at most proxy.hold; others are refused
 * </pre>
 *
 * Confined to its I/O thread.
 */
final class ConnectionRequest implements ConnectionPool.PendingAcquire, HoldQueue.PendingRequest {
  /** The request; called on its I/O thread. */
  interface Caller {
    /** Returns the peer whose quota it counts against. */
    Peer peer();

    ErrorBoundary boundary();

    void connected(UpstreamConnection connection);

    void refused(Failure failure, String why);
  }

  /**
   * How a request may be handled.
   *
   * @param retryable whether it can be sent twice without harm
   * @param holdable whether to hold it rather than fail it while no backend is available
   */
  record RetryPolicy(boolean retryable, boolean holdable) {}

  /** The state shared by all requests of a proxy. */
  record Environment(Settings limits, Quotas quotas, HoldQueue holdQueue) {
    /**
     * Creates the shared state of a proxy with these limits.
     *
     * @param held receives {@code 1} or {@code -1} for each request that starts or stops waiting
     */
    static Environment of(Settings limits, Quotas quotas, IntConsumer held) {
      Quotas.Pool places = quotas.pool(Resource.HELD_REQUESTS, limits.get(ProxyKeys.QUEUE));
      return new Environment(limits, quotas, new HoldQueue(places, held));
    }
  }

  private enum State {
    HELD,
    ASKING,
    OVER
  }

  private final Environment environment;
  private final IoContext io;
  private final Supplier<Optional<ConnectionPool>> choice;
  private final RetryPolicy policy;
  private final Caller caller;
  private final long began = SteadyClock.nanoTime();

  private State state = State.ASKING;
  private @Nullable ConnectionPool pool;
  private long asked;
  private boolean retried;
  private boolean broken;
  private Failure heldFor = Failure.NO_UPSTREAM;

  /**
   * @param choice returns the pool of the backend for this request, chosen anew for each attempt
   */
  ConnectionRequest(
      Environment environment,
      IoContext io,
      Supplier<Optional<ConnectionPool>> choice,
      RetryPolicy policy,
      Caller caller) {
    this.environment = environment;
    this.io = io;
    this.choice = choice;
    this.policy = policy;
    this.caller = caller;
  }

  void begin() {
    Optional<ConnectionPool> chosen = choice.get();
    if (chosen.isPresent()) {
      acquire(chosen.get(), false);
    } else {
      pool = null;
      holdOrRefuse(Failure.NO_UPSTREAM, "none is healthy");
    }
  }

  private void acquire(ConnectionPool one, boolean fresh) {
    state = State.ASKING;
    asked = SteadyClock.nanoTime();
    pool = one;
    one.acquire(this, fresh);
  }

  private void holdOrRefuse(Failure failure, String why) {
    boolean inTime =
        SteadyClock.nanoTime() - began < environment.limits().get(ProxyKeys.HOLD).toNanos();
    if (!policy.holdable() || !inTime || !environment.holdQueue().enter(this)) {
      refuse(failure, why);
      return;
    }
    state = State.HELD;
    heldFor = failure;
    // A backend that recovered just before we entered has already released the queue.
    if (choice.get().isPresent()) {
      environment.holdQueue().releaseSoon(this);
    }
  }

  private void refuse(Failure failure, String why) {
    state = State.OVER;
    caller.refused(failure, why);
  }

  @Override
  public IoContext io() {
    return io;
  }

  @Override
  public ErrorBoundary boundary() {
    return caller.boundary();
  }

  @Override
  public Peer peer() {
    return caller.peer();
  }

  @Override
  public Timers timers() {
    return boundary().guard((Timers) new XnioEventLoop(io.thread()));
  }

  @Override
  public void released() {
    if (state == State.HELD) {
      begin();
    }
  }

  @Override
  public void connected(UpstreamConnection connection) {
    if (!boundary().run(() -> take(connection))) {
      connection.close();
    }
  }

  private void take(UpstreamConnection connection) {
    if (state == State.OVER) {
      connection.pool().release(connection);
    } else {
      state = State.OVER;
      caller.connected(connection);
    }
  }

  @Override
  public void refused(Failure failure, String why) {
    boundary().run(() -> unavailable(failure, why));
  }

  private void unavailable(Failure failure, String why) {
    if (state == State.OVER) {
      return;
    }
    if (failure == Failure.UNREACHABLE) {
      holdOrRefuse(failure, why);
    } else {
      refuse(failure, why);
    }
  }

  /**
   * Retries after a connection ended without any response bytes; returns false if that could do
   * harm. A reused connection may just have expired, so the first retry uses a new one. A new
   * connection that ends like this suggests that the backend is stopping; a request that causes it
   * twice is not sent again.
   */
  boolean retry(UpstreamConnection ended) {
    if (!policy.retryable()) {
      return false;
    }
    if (ended.reused() && !retried) {
      retried = true;
      acquire(ended.pool(), true);
      return true;
    }
    if (broken) {
      return false;
    }
    broken = true;
    holdOrRefuse(Failure.BROKEN, "closed before a response");
    return true;
  }

  /** Checks time limits while there is no connection. */
  void tick(long now) {
    if (state == State.HELD && now - began > environment.limits().get(ProxyKeys.HOLD).toNanos()) {
      environment.holdQueue().leave(this);
      refuse(heldFor, "not back in " + environment.limits().get(ProxyKeys.HOLD));
    } else if (state == State.ASKING
        && now - asked > environment.limits().get(ProxyKeys.QUEUE_TIMEOUT).toNanos()
        && pool != null
        && pool.leaveQueue(this)) {
      refuse(
          Failure.QUEUE_TIMEOUT,
          "no free connection in " + environment.limits().get(ProxyKeys.QUEUE_TIMEOUT));
    }
  }

  /** Ends the request; a connection that arrives later goes back to the pool. */
  void leave() {
    if (state == State.HELD) {
      environment.holdQueue().leave(this);
    } else if (state == State.ASKING && pool != null) {
      pool.leaveQueue(this);
    }
    state = State.OVER;
  }

  /** Returns the name of the backend that was tried last. */
  String backend() {
    return pool == null ? "none" : pool.backend().name();
  }
}
