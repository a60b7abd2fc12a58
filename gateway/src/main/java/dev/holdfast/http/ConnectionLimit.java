package dev.holdfast.http;

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
 * Counts connections when they are accepted, before a byte of them is read, and closes those that
 * their peer may not have. Thread-safe.
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
   * A limit out of these quotas.
   *
   * @param exempt whose connections are those of many clients, and have no share
   * @param refused receives the reason for which a connection is closed
   */
  ConnectionLimit(Quotas quotas, Predicate<InetAddress> exempt, Consumer<String> refused) {
    this.quotas = quotas;
    this.exempt = exempt;
    this.refused = refused;
  }

  /**
   * A connection that is counted. It may be cut while it is idle.
   *
   * @param cut ends it
   */
  record Counted(Holding holding, Runnable cut) {
    /** It waits for the head of a request. */
    void idle() {
      holding.mayBeCut(cut);
    }

    /** The head of a request has come: it is served, or is a WebSocket from now on. */
    void busy() {
      holding.keep();
    }

    void closed() {
      holding.release();
    }
  }

  /** Counts a connection; without a result it is closed, as its peer may not have it. */
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

  /** From a thread of another connection. */
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
