package dev.holdfast;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.TrustedProxies;
import dev.holdfast.http1.AcceptGate;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.proxy.ServerOptions;
import dev.holdfast.tls.ServerTls;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.xnio.OptionMap;
import org.xnio.XnioWorker;

/** The port that clients connect to, with TLS if configured. Thread-safe. */
final class PublicListener implements Closeable {
  /**
   * Connections that may wait to be accepted, since all clients reconnect at once after a redeploy.
   */
  private static final int BACKLOG = 4096;

  private final HttpPort port;
  private final Optional<ServerTls> tls;

  private PublicListener(HttpPort port, Optional<ServerTls> tls) {
    this.port = port;
    this.tls = tls;
  }

  /**
   * Starts to listen, on the threads of this worker.
   *
   * @throws IOException if the address cannot be bound or the TLS files cannot be used
   */
  static PublicListener open(
      Settings settings,
      XnioWorker worker,
      Metrics metrics,
      Quotas quotas,
      AcceptGate gate,
      HttpHandler root)
      throws IOException {
    Optional<ServerTls> tls = tls(settings);
    boolean opened = false;
    try {
      HttpPort.Setup setup = setup(settings, tls, quotas, gate);
      PublicListener listener =
          new PublicListener(HttpPort.open(setup, worker, metrics, root), tls);
      opened = true;
      return listener;
    } finally {
      if (!opened) {
        tls.ifPresent(ServerTls::close);
      }
    }
  }

  private static HttpPort.Setup setup(
      Settings settings, Optional<ServerTls> tls, Quotas quotas, AcceptGate gate) {
    OptionMap options = ServerOptions.of(settings);
    HttpPort.Heads heads =
        new HttpPort.Heads(
            settings.get(LimitKeys.HEADER),
            settings.get(LimitKeys.HEAD_TIMEOUT),
            settings.get(ProxyKeys.DRAIN),
            settings.get(ProxyKeys.DRAIN_TIMEOUT));
    TrustedProxies proxies = TrustedProxies.of(settings.get(ProxyKeys.TRUSTED_PROXIES));
    HttpPort.Clients clients = new HttpPort.Clients(quotas, proxies::contains, Optional.of(gate));
    return new HttpPort.Setup(
        settings.get(EdgeKeys.LISTEN).unresolved(),
        BACKLOG,
        tls.map(it -> secured(it, settings.get(EdgeKeys.MIN_VERSION))),
        heads,
        clients,
        options);
  }

  private static HttpPort.Tls secured(ServerTls tls, String oldest) {
    return new HttpPort.Tls(tls.context(), ServerTls.versions(oldest), tls.suites());
  }

  private static Optional<ServerTls> tls(Settings settings) throws IOException {
    Optional<Path> certificate = settings.get(EdgeKeys.CERTIFICATE);
    Optional<Path> key = settings.get(EdgeKeys.PRIVATE_KEY);
    return certificate.isPresent() && key.isPresent()
        ? Optional.of(ServerTls.open(certificate.get(), key.get()))
        : Optional.empty();
  }

  InetSocketAddress address() {
    return port.address();
  }

  @Override
  public void close() {
    port.close();
    tls.ifPresent(ServerTls::close);
  }
}
