package dev.holdfast.upstream;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.ConnectionBoundary;
import dev.holdfast.wire.DialFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoFuture;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * One attempt to connect: tries the addresses in turn, and gives each an equal share of the
 * remaining time. Confined to its I/O thread.
 */
final class Dial {
  private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true);

  private static final DialFailure INTERNAL =
      new DialFailure(DialFailure.Reason.UNREACHABLE, "internal error", false);

  private final Dialer dialer;
  private final XnioIoThread thread;
  private final ConnectCallback callback;
  private final List<InetSocketAddress> addresses;
  private final ErrorBoundary boundary = new ErrorBoundary("a dial", this::abandon);
  private long deadline;
  private int tried;
  private boolean over;

  /** Whether the last address refused the connection. */
  private boolean refused;

  Dial(Dialer dialer, XnioIoThread thread, ConnectCallback callback) {
    this.dialer = dialer;
    this.thread = thread;
    this.callback = callback;
    this.addresses = dialer.addresses().known();
  }

  void start() {
    boundary.run(this::begin);
  }

  private void begin() {
    deadline = SteadyClock.nanoTime() + dialer.timeout().toNanos();
    if (addresses.isEmpty()) {
      fail(DialFailure.Reason.UNRESOLVED, dialer.addresses().problem());
    } else {
      tryNext();
    }
  }

  private void tryNext() {
    long left = deadline - SteadyClock.nanoTime();
    long share = Math.max(TimeUnit.MILLISECONDS.toNanos(1), left / (addresses.size() - tried));
    InetSocketAddress address = addresses.get(tried);
    tried++;
    refused = false;
    new Attempt(address).begin(share);
  }

  private void missed(DialFailure.Reason reason, String sentence) {
    if (tried < addresses.size()) {
      tryNext();
    } else {
      fail(reason, sentence);
    }
  }

  private void fail(DialFailure.Reason reason, String sentence) {
    // The host may have moved to another address.
    dialer.addresses().refresh();
    failed(new DialFailure(reason, sentence, refused));
  }

  private void failed(DialFailure failure) {
    if (!over) {
      over = true;
      callback.failed(failure);
    }
  }

  private void abandon() {
    dialer.onError().run();
    failed(INTERNAL);
  }

  /** Whether the host refused the connection; an unreachable network reports another error. */
  private static boolean isRefusal(IOException problem) {
    return problem instanceof ConnectException
        && String.valueOf(problem.getMessage()).contains("refused");
  }

  /**
   * Connects to one address: TCP, then TLS. Closes a connection that opens after the attempt has
   * ended.
   */
  private final class Attempt extends IoFuture.HandlingNotifier<StreamConnection, Void> {
    private final InetSocketAddress address;
    private XnioExecutor.@Nullable Key timer;
    private @Nullable IoFuture<StreamConnection> opening;
    private @Nullable StreamConnection opened;
    private boolean ended;

    Attempt(InetSocketAddress address) {
      this.address = address;
    }

    void begin(long nanos) {
      timer = thread.executeAfter(boundary.guard(this::late), nanos, TimeUnit.NANOSECONDS);
      opening = thread.openStreamConnection(address, null, OPTIONS);
      opening.addNotifier(this, null);
    }

    @Override
    public void handleDone(StreamConnection connection, @Nullable Void attachment) {
      if (!boundary.run(() -> connected(connection))) {
        IoUtils.safeClose(connection);
      }
    }

    private void connected(StreamConnection connection) {
      if (ended) {
        IoUtils.safeClose(connection);
        return;
      }
      opened = connection;
      if (dialer.tls().isPresent()) {
        TlsHandshake.begin(
            dialer.tls().get(),
            dialer.uri(),
            connection,
            this::secured,
            problem -> boundary.run(() -> miss(DialFailure.Reason.TLS, problem)));
      } else {
        succeed(connection);
      }
    }

    private void secured(StreamConnection connection) {
      if (!boundary.run(() -> succeed(connection))) {
        IoUtils.safeClose(connection);
      }
    }

    @Override
    public void handleFailed(IOException problem, @Nullable Void attachment) {
      boundary.run(
          () -> {
            refused = isRefusal(problem);
            miss(DialFailure.Reason.UNREACHABLE, String.valueOf(problem.getMessage()));
          });
    }

    private void late() {
      if (opening != null) {
        opening.cancel();
      }
      miss(DialFailure.Reason.TIMEOUT, "no connection in time");
      IoUtils.safeClose(opened);
    }

    private void succeed(StreamConnection connection) {
      if (end() && !over) {
        over = true;
        dialer.addresses().worked(address);
        boolean taken =
            ConnectionBoundary.around(connection, dialer.onError())
                .run(() -> callback.connected(connection));
        if (!taken) {
          callback.failed(INTERNAL);
        }
      } else {
        IoUtils.safeClose(connection);
      }
    }

    private void miss(DialFailure.Reason reason, String problem) {
      if (end()) {
        missed(reason, address + ": " + problem);
      }
    }

    /** Ends the attempt; returns true only the first time. */
    private boolean end() {
      boolean first = !ended;
      ended = true;
      if (timer != null) {
        timer.remove();
      }
      return first;
    }
  }
}
