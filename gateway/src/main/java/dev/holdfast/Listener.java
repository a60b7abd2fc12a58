package dev.holdfast;

import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import dev.holdfast.proxy.ServerOptions;
import dev.holdfast.tls.ServerTls;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.xnio.Options;
import org.xnio.XnioWorker;

/** The port that clients connect to, with TLS if it is set. Thread-safe. */
final class Listener implements Closeable {
  /** Connections that may wait to be accepted, as after a redeploy all clients come at once. */
  private static final int BACKLOG = 4096;

  private final Undertow server;
  private final Optional<ServerTls> tls;

  private Listener(Undertow server, Optional<ServerTls> tls) {
    this.server = server;
    this.tls = tls;
  }

  /**
   * Listens, on the threads of this worker.
   *
   * @throws IOException if the address cannot be bound or the TLS files cannot be used
   */
  static Listener open(Settings settings, XnioWorker worker, HttpHandler root) throws IOException {
    HostPort listen = settings.listen();
    Optional<ServerTls> tls = tls(settings.tls());
    Undertow.Builder builder =
        ServerOptions.apply(Undertow.builder(), settings)
            // Only a backstop: up to there a head is read, so that HeaderLimit can tell of it.
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 2 * settings.limits().headerBytes())
            .setWorker(worker)
            .setSocketOption(Options.TCP_NODELAY, true)
            .setSocketOption(Options.REUSE_ADDRESSES, true)
            .setSocketOption(Options.BACKLOG, BACKLOG)
            .setHandler(root);
    if (tls.isPresent()) {
      builder.addHttpsListener(listen.port(), listen.host(), tls.get().context());
    } else {
      builder.addHttpListener(listen.port(), listen.host());
    }
    Undertow server = builder.build();
    try {
      server.start();
    } catch (RuntimeException e) {
      tls.ifPresent(ServerTls::close);
      // Undertow wraps what the socket says.
      if (e.getCause() instanceof IOException cause) {
        throw new IOException("cannot listen on " + listen + ": " + cause.getMessage(), cause);
      }
      throw e;
    }
    return new Listener(server, tls);
  }

  private static Optional<ServerTls> tls(Settings.Tls settings) throws IOException {
    Optional<Path> certificate = settings.certificate();
    Optional<Path> key = settings.key();
    return certificate.isPresent() && key.isPresent()
        ? Optional.of(ServerTls.open(certificate.get(), key.get()))
        : Optional.empty();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
  }

  @Override
  public void close() {
    server.stop();
    tls.ifPresent(ServerTls::close);
  }
}
