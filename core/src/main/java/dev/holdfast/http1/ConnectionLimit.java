package dev.holdfast.http1;

import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.LogThrottle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * Counts connections when they are accepted, before any byte is read, and closes those that exceed
 * the peer's quota. Thread-safe.
 */
final class ConnectionLimit {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);
  private static final String REFUSED = "connections";

  private final Quotas quotas;
  private final Predicate<InetAddress> exempt;
  private final Consumer<String> refused;
  private final LogThrottle refusals = new LogThrottle();
  private final LogThrottle cuts = new LogThrottle();

  /**
   * Creates a limit that uses these quotas.
   *
   * @param exempt matches proxies, whose connections carry many clients and have no share
   * @param refused receives the reason when a connection is closed
   */
  ConnectionLimit(Quotas quotas, Predicate<InetAddress> exempt, Consumer<String> refused) {
    this.quotas = quotas;
    this.exempt = exempt;
    this.refused = refused;
  }

  /**
   * A counted connection, which may be cut while it is idle.
   *
   * @param cut closes the connection
   */
  record Counted(Holding holding, Runnable cut) {
    /** Called while the connection waits for a request head. */
    void idle() {
      holding.mayBeCut(cut);
    }

    /**
     * Called when a request head has arrived: the connection serves a request or becomes a
     * WebSocket.
     */
    void busy() {
      holding.keep();
    }

    void closed() {
      holding.release();
    }
  }

  /** Counts a connection; closes it and returns empty if its peer's quota is used up. */
  Optional<Counted> accept(StreamConnection connection, ErrorBoundary boundary) {
    InetAddress address = connection.getPeerAddress(InetSocketAddress.class).getAddress();
    Peer peer = exempt.test(address) ? Peer.exempt() : Peer.of(address);
    Runnable cut = () -> cut(connection, address, boundary);
    Optional<Holding> holding = quotas.take(peer, Resource.CONNECTIONS, 1, cut);
    if (holding.isEmpty()) {
      IoUtils.safeClose(connection);
      refused.accept(REFUSED);
      refusals.run(
          count ->
              LOG.warn(
                  "closed a connection of {} at once: limits.connections is nearly reached, and this address has half of"
                      + " it or there are none left; {} since the last such line ({})",
                  address.getHostAddress(),
                  count,
                  REFUSED));
    }
    return holding.map(it -> new Counted(it, cut));
  }

  /** Called on the thread of another connection. */
  private void cut(StreamConnection connection, InetAddress address, ErrorBoundary boundary) {
    connection.getIoThread().execute(boundary.guard(() -> IoUtils.safeClose(connection)));
    cuts.run(
        count ->
            LOG.warn(
                "closed a connection of {} without a request: limits.connections is nearly reached, and this address has"
                    + " most of it; {} since the last such line (connections)",
                address.getHostAddress(),
                count));
  }
}
