package dev.holdfast.upstream;

import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.xnio.XnioWorker;

/** What runs behind {@link Upstreams}: lookups and health checks. Thread-safe. */
final class Watchers implements Closeable {
  private final Settings settings;
  private final Metrics metrics;
  private final ExecutorService lookups;

  Watchers(Settings settings, XnioWorker worker, Metrics metrics) throws IOException {
    this.settings = settings;
    this.metrics = metrics;
    lookups =
        Executors.newFixedThreadPool(
            2,
            task -> {
              Thread thread = new Thread(task, "upstream-lookup");
              thread.setDaemon(true);
              return thread;
            });
  }

  List<Upstream> start() {
    return settings.upstreams().stream().map(this::watched).toList();
  }

  private Upstream watched(URI uri) {
    Addresses addresses =
        new Addresses(Upstream.host(uri), Upstream.port(uri), lookups, InetAddress::getAllByName);
    addresses.refresh();
    Upstream upstream =
        new Upstream(
            uri, new Dialer(uri, addresses, Optional.empty(), settings.upstream().dialTimeout()));
    metrics.upstreamState(upstream.name(), upstream.state().kind());
    return upstream;
  }

  @Override
  public void close() {
    lookups.shutdownNow();
  }
}
