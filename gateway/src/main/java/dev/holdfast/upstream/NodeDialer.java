package dev.holdfast.upstream;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.tls.ClientTls;
import dev.holdfast.tls.TrustFailures;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** Opens connections to other nodes of the cluster. Thread-safe. */
public final class NodeDialer implements Closeable {
  /** Addresses of nodes that are kept; one that is used again takes the place of the oldest. */
  private static final int KEPT = 256;

  private final Duration timeout;
  private final Optional<Dialer.Tls> tls;
  private final Runnable onError;
  private final ErrorBoundary boundary;
  // One thread: a dial that stands behind a lookup finds its result.
  private final ExecutorService lookups =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          HealthCheckers.daemon("node-lookup"),
          new DiscardPolicy());
  private final Map<InetSocketAddress, Dialer> dialers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Dialer> eldest) {
          return size() > KEPT;
        }
      };

  private NodeDialer(Duration timeout, Optional<Dialer.Tls> tls, Runnable onError) {
    this.timeout = timeout;
    this.tls = tls;
    this.onError = onError;
    this.boundary = ErrorBoundary.lasting("looking up nodes", onError);
  }

  /**
   * A dialer for nodes with the settings of this one: with TLS if it serves TLS itself.
   *
   * @param onError called when a connection was ended by what its user here has thrown
   * @throws IOException if there is no TLS
   */
  public static NodeDialer of(Settings settings, XnioWorker worker, Runnable onError)
      throws IOException {
    Optional<Dialer.Tls> tls = Optional.empty();
    if (settings.get(EdgeKeys.CERTIFICATE).isPresent()) {
      tls =
          Optional.of(
              new Dialer.Tls(
                  new UndertowXnioSsl(
                      worker.getXnio(),
                      OptionMap.EMPTY,
                      ClientTls.sameAs(settings.get(EdgeKeys.CERTIFICATE).get())),
                  new TrustFailures()));
    }
    return new NodeDialer(settings.get(NodeKeys.DIAL_TIMEOUT), tls, onError);
  }

  /**
   * Opens a connection to where a node is registered. Calls back on this thread, once, unless the
   * dialer is closed meanwhile.
   */
  public void connect(InetSocketAddress where, XnioIoThread thread, Upstream.Connected callback) {
    Dialer dialer;
    synchronized (dialers) {
      dialer = dialers.computeIfAbsent(where, this::dialer);
      if (dialer.addresses().known().isEmpty()) {
        // In the lock, so that no other thread's dial comes between them.
        dialer.addresses().refresh();
        lookups.execute(boundary.guard(() -> dialer.dial(thread, callback)));
        return;
      }
    }
    dialer.dial(thread, callback);
  }

  /** Connects to nodes, on this thread, to see whether they can be reached. */
  public Reachability.Trial trial(XnioIoThread thread) {
    return (where, found) ->
        connect(
            where,
            thread,
            new Upstream.Connected() {
              @Override
              public void connected(StreamConnection connection) {
                IoUtils.safeClose(connection);
                found.accept(Optional.empty());
              }

              @Override
              public void failed(DialFailure failure) {
                found.accept(Optional.of(failure.sentence()));
              }
            });
  }

  private Dialer dialer(InetSocketAddress where) {
    String host = where.getHostString();
    AddressLookup addresses =
        new AddressLookup(
            host,
            where.getPort(),
            task -> lookups.execute(boundary.guard(task)),
            InetAddress::getAllByName);
    return new Dialer(uri(where), addresses, tls, timeout, onError);
  }

  private static URI uri(InetSocketAddress where) {
    return URI.create("node://" + Member.hostAndPort(where));
  }

  @Override
  public void close() {
    lookups.shutdownNow();
  }
}
