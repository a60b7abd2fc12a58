package dev.holdfast;

import dev.holdfast.admin.AdminPort;
import dev.holdfast.admin.Api;
import dev.holdfast.admin.NodesReached;
import dev.holdfast.admin.NotDraining;
import dev.holdfast.admin.Overload;
import dev.holdfast.admin.Readiness;
import dev.holdfast.admin.ThisNode;
import dev.holdfast.admin.UpstreamsReady;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.cluster.Registry;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.sessions.SessionService;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * Opens a node's admin port and connects it to the node's parts. It has its own threads, so that it
 * responds even when those of clients and upstreams are busy. Thread-safe.
 */
record AdminListener(HttpPort port, XnioWorker worker) implements Closeable {
  /**
   * Opens the port, if configured.
   *
   * @throws IOException if the address cannot be bound, or must not be without a token
   */
  static Optional<AdminListener> open(
      SessionService.Shared shared,
      Coordination nodes,
      ThisNode self,
      Reachability reachability,
      Overload overload)
      throws IOException {
    Settings settings = shared.settings();
    if (settings.get(EdgeKeys.ADMIN_LISTEN).isEmpty()) {
      return Optional.empty();
    }
    List<Readiness> readiness = new ArrayList<>(nodes.readiness());
    readiness.add(new NodesReached(reachability));
    readiness.add(new UpstreamsReady(shared.upstreams()));
    readiness.add(new NotDraining(shared.admission()));
    readiness.add(overload);
    Api api = new Api(Registry.of(nodes.cluster()), Optional.of(self));
    XnioWorker worker = createWorker();
    boolean open = false;
    try {
      HttpPort port =
          AdminPort.open(
              settings, names(settings, nodes), worker, shared.metrics(), readiness, api);
      open = true;
      return Optional.of(new AdminListener(port, worker));
    } finally {
      if (!open) {
        worker.shutdownNow();
      }
    }
  }

  private static XnioWorker createWorker() throws IOException {
    return Xnio.getInstance(AdminListener.class.getClassLoader())
        .createWorker(
            OptionMap.builder()
                .set(Options.WORKER_NAME, "holdfast-admin")
                .set(Options.WORKER_IO_THREADS, 1)
                // Metrics pages and API calls are handled off the I/O thread.
                .set(Options.WORKER_TASK_CORE_THREADS, 1)
                .set(Options.WORKER_TASK_MAX_THREADS, 2)
                .set(Options.THREAD_DAEMON, true)
                .getMap());
  }

  /** Returns the address it listens on. */
  InetSocketAddress address() {
    return port.address();
  }

  @Override
  public void close() {
    port.close();
    worker.shutdownNow();
  }

  /** Returns the host names that operators and other nodes use for it. */
  private static Set<String> names(Settings settings, Coordination nodes) {
    return Stream.concat(
            Stream.of(nodes.cluster().peers().self().value()),
            Stream.of(settings.get(NodeKeys.ADVERTISE), settings.get(EdgeKeys.ADMIN_LISTEN))
                .flatMap(Optional::stream)
                .map(HostPort::host))
        .collect(Collectors.toSet());
  }
}
