package dev.holdfast.proxy;

import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/** A pool of connections to a backend of the test's, on two I/O threads that are the test's own. */
final class PoolFixture {
  static final DialFailure NOBODY = new DialFailure(DialFailure.Reason.UNREACHABLE, "nobody");

  private final ManualTimers timers = new ManualTimers();

  /** The attempts to connect that go on. */
  final ArrayDeque<ConnectCallback> dials = new ArrayDeque<>();

  final IoContext here = io();
  final IoContext elsewhere = io();
  final Settings limits;
  final ConnectionPool pool;

  PoolFixture(String... settings) {
    limits = ProxyFixture.settings(settings);
    Backend backend =
        new Backend("backend", host -> "h", (thread, callback) -> dials.addLast(callback));
    pool = new ConnectionPool(backend, limits, TestQuotas.plenty(), List.of(here, elsewhere));
  }

  private IoContext io() {
    return new IoContext(
        new ManualThread(timers), Duration.ofMinutes(1), Duration.ofMinutes(1), () -> {});
  }

  /** Lets the threads do what was handed to them. */
  void runTasks() {
    timers.pass(Duration.ofMillis(1));
  }

  /** Completes the oldest attempt. */
  Wire connects() {
    Wire wire = new Wire(here.thread());
    dials.removeFirst().connected(wire);
    return wire;
  }

  /** Tasks run when the test lets time pass. */
  private static final class ManualThread extends XnioIoThread {
    private final ManualTimers timers;

    ManualThread(ManualTimers timers) {
      super(null, 0);
      this.timers = timers;
    }

    @Override
    public void execute(Runnable task) {
      timers.schedule(Duration.ZERO, task);
    }

    @Override
    public Key executeAfter(Runnable task, long delay, TimeUnit unit) {
      Runnable cancel = timers.schedule(Duration.of(delay, unit.toChronoUnit()), task);
      return () -> {
        cancel.run();
        return true;
      };
    }

    @Override
    public Key executeAtInterval(Runnable task, long delay, TimeUnit unit) {
      throw new AssertionError("the pool has no periodic task");
    }
  }

  /** A connection to the backend, which is silent. */
  static final class Wire extends StreamConnection {
    private final ScriptedSource source = new ScriptedSource("");

    Wire(XnioIoThread thread) {
      super(thread);
      setSourceConduit(source);
      setSinkConduit(new ScriptedSink());
    }

    @Override
    public SocketAddress getPeerAddress() {
      return InetSocketAddress.createUnresolved("backend", 80);
    }

    @Override
    public SocketAddress getLocalAddress() {
      return InetSocketAddress.createUnresolved("here", 0);
    }

    /** The backend has closed its side. */
    void ends() {
      source.end();
    }
  }

  /** A request that needs a connection. */
  static final class Request implements ConnectionPool.PendingAcquire, ConnectionRequest.Caller {
    final List<UpstreamConnection> connections = new ArrayList<>();
    final List<Failure> failures = new ArrayList<>();
    private final IoContext io;
    private final ErrorBoundary boundary = new ErrorBoundary("a test", () -> {});
    private boolean fails;

    Request(IoContext io) {
      this.io = io;
    }

    /** It throws when it gets a connection. */
    Request failing() {
      fails = true;
      return this;
    }

    @Override
    public IoContext io() {
      return io;
    }

    @Override
    public Peer peer() {
      return Peer.exempt();
    }

    @Override
    public ErrorBoundary boundary() {
      return boundary;
    }

    @Override
    public void connected(UpstreamConnection connection) {
      if (fails) {
        throw new IllegalStateException("a fault of the request");
      }
      connections.add(connection);
    }

    @Override
    public void refused(Failure failure, String why) {
      failures.add(failure);
    }
  }
}
