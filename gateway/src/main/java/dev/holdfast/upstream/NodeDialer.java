package dev.holdfast.upstream;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.tls.ClientTls;
import dev.holdfast.tls.TrustFailures;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
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
  /** Most node addresses that are cached; the least recently used is evicted. */
  private static final int KEPT = 256;

  private final Duration timeout;
  private final Optional<Dialer.Tls> tls;
  private final Runnable onError;
  private final ErrorBoundary boundary;
  // Single-threaded, so that a dial queued behind a lookup sees its result.
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
   * Creates a dialer for nodes that share this node's settings: with TLS if this node serves TLS.
   *
   * @param onError called when a connection was closed because its callback threw
   * @throws IOException if TLS cannot be set up
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
   * Connects to a node's registered address. Invokes the callback on this thread exactly once,
   * unless the dialer is closed first.
   */
  public void connect(InetSocketAddress where, XnioIoThread thread, ConnectCallback callback) {
    Dialer dialer;
    synchronized (dialers) {
      dialer = dialers.computeIfAbsent(where, this::dialer);
      if (dialer.addresses().known().isEmpty()) {
        // Under the lock, so that no other thread's dial comes between the two.
        dialer.addresses().refresh();
        lookups.execute(boundary.guard(() -> dialer.dial(thread, callback)));
        return;
      }
    }
    dialer.dial(thread, callback);
  }

  /**
   * Returns a trial that connects to nodes on this thread to find out whether they are reachable.
   */
  public Reachability.Trial trial(XnioIoThread thread) {
    return (where, found) ->
        connect(
            where,
            thread,
            new ConnectCallback() {
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
