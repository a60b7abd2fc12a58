package dev.holdfast.http1;

import dev.holdfast.wire.XnioEventLoop;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.channels.AcceptingChannel;
import org.xnio.channels.SuspendableAcceptChannel;

/** Accepts the connections of a port, each on its I/O thread. Thread-safe. */
final class AcceptListener
    implements ChannelListener<AcceptingChannel<? extends StreamConnection>> {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptListener.class);

  private final Optional<AcceptGate> gate;
  private final ChannelListener<StreamConnection> opened;
  private final Map<XnioIoThread, AcceptQueue<StreamConnection>> queues = new ConcurrentHashMap<>();
  private @Nullable Port port;

  /** Creates a listener that calls {@code opened} for each connection in its turn. */
  AcceptListener(Optional<AcceptGate> gate, ChannelListener<StreamConnection> opened) {
    this.gate = gate;
    this.opened = opened;
  }

  @Override
  public void handleEvent(AcceptingChannel<? extends StreamConnection> channel) {
    try {
      StreamConnection connection = channel.accept();
      if (connection != null) {
        Port from = port(channel);
        gate.ifPresent(it -> it.accepted(from));
        queues.computeIfAbsent(connection.getIoThread(), it -> queue(it, from)).add(connection);
      }
    } catch (ClosedChannelException e) {
      // The port was closed.
    } catch (IOException e) {
      LOG.warn("a connection could not be accepted: {}", e.getMessage());
    }
  }

  private synchronized Port port(SuspendableAcceptChannel channel) {
    if (port == null) {
      port = new Port(channel);
    }
    return port;
  }

  private AcceptQueue<StreamConnection> queue(XnioIoThread thread, Port from) {
    return new AcceptQueue<>(
        new XnioEventLoop(thread),
        from,
        connection -> ChannelListeners.invokeChannelListener(connection, opened));
  }

  /** Counts suspensions, and accepts while there are none. Thread-safe. */
  private static final class Port implements AcceptGate.Port {
    private final SuspendableAcceptChannel channel;
    private int suspended;

    Port(SuspendableAcceptChannel channel) {
      this.channel = channel;
    }

    @Override
    public synchronized void suspendAccepts() {
      if (suspended++ == 0) {
        channel.suspendAccepts();
      }
    }

    @Override
    public synchronized void resumeAccepts() {
      if (--suspended == 0) {
        channel.resumeAccepts();
      }
    }
  }
}
