package dev.holdfast.upstream;

import dev.holdfast.time.SteadyClock;
import java.io.IOException;
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
 * One attempt to connect: the addresses in turn, each with its share of the time that is left.
 * Confined to its I/O thread.
 */
final class Dial {
  private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true);

  private final Dialer dialer;
  private final XnioIoThread thread;
  private final Upstream.Connected callback;
  private final List<InetSocketAddress> addresses;
  private long deadline;
  private int tried;
  private @Nullable Attempt current;
  private String lastProblem = "";

  Dial(Dialer dialer, XnioIoThread thread, Upstream.Connected callback) {
    this.dialer = dialer;
    this.thread = thread;
    this.callback = callback;
    this.addresses = dialer.addresses().known();
  }

  void start() {
    deadline = SteadyClock.nanoTime() + dialer.timeout().toNanos();
    if (addresses.isEmpty()) {
      fail(DialFailure.Reason.UNRESOLVED, dialer.addresses().problem());
    } else {
      tryNext();
    }
  }

  private void tryNext() {
    InetSocketAddress address = addresses.get(tried);
    long left = deadline - SteadyClock.nanoTime();
    long share = Math.max(TimeUnit.MILLISECONDS.toNanos(1), left / (addresses.size() - tried));
    tried++;
    current = new Attempt(address);
    current.begin(share);
  }

  private void failed(DialFailure.Reason reason, String problem) {
    lastProblem = problem;
    if (tried < addresses.size()) {
      tryNext();
    } else {
      fail(reason, lastProblem);
    }
  }

  private void fail(DialFailure.Reason reason, String sentence) {
    dialer.addresses().refresh();
    callback.failed(new DialFailure(reason, sentence));
  }

  /** One address. What comes after its time is closed. */
  private final class Attempt extends IoFuture.HandlingNotifier<StreamConnection, Void> {
    private final InetSocketAddress address;
    private XnioExecutor.@Nullable Key timer;
    private @Nullable IoFuture<StreamConnection> opening;

    Attempt(InetSocketAddress address) {
      this.address = address;
    }

    void begin(long nanos) {
      timer = thread.executeAfter(this::late, nanos, TimeUnit.NANOSECONDS);
      opening = thread.openStreamConnection(address, null, OPTIONS);
      opening.addNotifier(this, null);
    }

    @Override
    public void handleDone(StreamConnection connection, @Nullable Void attachment) {
      if (current != this) {
        IoUtils.safeClose(connection);
        return;
      }
      end();
      dialer.addresses().worked(address);
      callback.connected(connection);
    }

    @Override
    public void handleFailed(IOException problem, @Nullable Void attachment) {
      if (current == this) {
        end();
        failed(DialFailure.Reason.UNREACHABLE, address + ": " + problem.getMessage());
      }
    }

    private void late() {
      if (current == this) {
        end();
        if (opening != null) {
          opening.cancel();
        }
        failed(DialFailure.Reason.TIMEOUT, address + " did not answer in time");
      }
    }

    private void end() {
      current = null;
      if (timer != null) {
        timer.remove();
      }
    }
  }
}
