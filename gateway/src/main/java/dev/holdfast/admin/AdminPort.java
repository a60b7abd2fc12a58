package dev.holdfast.admin;

import dev.holdfast.config.HostPort;
import dev.holdfast.metrics.Metrics;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.xnio.XnioWorker;

/**
 * The listener for operators: {@code /healthz}, {@code /readyz}, {@code /metrics} and the API.
 * Thread-safe.
 */
public final class AdminPort implements Closeable {
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_BODY_BYTES = 1024;
  private static final int IDLE_MILLIS = 60_000;

  private final Undertow server;

  private AdminPort(Undertow server) {
    this.server = server;
  }

  /**
   * Listens, on the threads of this worker.
   *
   * @param readiness all of them must be without a problem for the node to be ready
   * @param api empty if it is not to be had
   * @throws IOException if the address cannot be bound
   */
  public static AdminPort open(
      HostPort listen,
      XnioWorker worker,
      Metrics metrics,
      List<Readiness> readiness,
      Optional<ApiHandler> api)
      throws IOException {
    Undertow server =
        Undertow.builder()
            .addHttpListener(listen.port(), listen.host())
            .setWorker(worker)
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, (long) MAX_BODY_BYTES)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, IDLE_MILLIS)
            .setHandler(new AdminHandler(metrics, readiness, api))
            .build();
    try {
      server.start();
    } catch (RuntimeException problem) {
      // Undertow wraps what the socket says.
      if (problem.getCause() instanceof IOException cause) {
        throw new IOException("cannot listen on " + listen + ": " + cause.getMessage(), cause);
      }
      throw problem;
    }
    return new AdminPort(server);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
  }

  @Override
  public void close() {
    server.stop();
  }
}
