package dev.holdfast.http;

import dev.holdfast.config.HostPort;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.wire.ConnectionBoundary;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * A port that serves HTTP/1.1, with or without TLS. Undertow reads the requests; whatever is thrown
 * while one of its connections is read or written ends that connection. Thread-safe.
 */
public final class HttpPort implements Closeable {
  /** As Undertow has it: with the header of a TLS record it stays within 16 KiB. */
  private static final int BUFFER_BYTES = 16 * 1024 - 20;

  /** Buffers that each thread keeps for itself. */
  private static final int KEPT_BUFFERS = 4;

  private final AcceptingChannel<? extends StreamConnection> channel;

  private HttpPort(AcceptingChannel<? extends StreamConnection> channel) {
    this.channel = channel;
  }

  /**
   * Where to listen, and how.
   *
   * @param backlog connections that may wait to be accepted
   * @param undertow the options of {@link io.undertow.UndertowOptions}
   */
  public record Setup(HostPort listen, int backlog, Optional<SSLContext> tls, OptionMap undertow) {}

  /**
   * Listens, on the threads of this worker.
   *
   * @throws IOException if the address cannot be bound
   */
  public static HttpPort open(Setup setup, XnioWorker worker, Metrics metrics, HttpHandler root)
      throws IOException {
    HttpOpenListener http =
        new HttpOpenListener(
            new DefaultByteBufferPool(true, BUFFER_BYTES, -1, KEPT_BUFFERS), setup.undertow());
    http.setRootHandler(exchange -> handle(exchange, root));
    ChannelListener<StreamConnection> opened =
        connection ->
            ConnectionBoundary.around(connection, () -> metrics.internalError("connection"))
                .run(() -> http.handleEvent(connection));
    HostPort listen = setup.listen();
    try {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getByName(listen.host()), listen.port());
      return new HttpPort(bind(setup, worker, address, opened));
    } catch (IOException e) {
      throw new IOException("cannot listen on " + listen + ": " + e.getMessage(), e);
    }
  }

  /**
   * When a connection closes within a request, Undertow ends the request last, and would then set a
   * timer for the next one, which keeps all of the connection until it is idle for too long.
   */
  private static void handle(HttpServerExchange exchange, HttpHandler root) throws Exception {
    exchange.addExchangeCompleteListener(
        (ended, next) -> {
          if (ended.getConnection().isOpen()) {
            next.proceed();
          }
        });
    root.handleRequest(exchange);
  }

  private static AcceptingChannel<? extends StreamConnection> bind(
      Setup setup,
      XnioWorker worker,
      InetSocketAddress address,
      ChannelListener<StreamConnection> opened)
      throws IOException {
    OptionMap socket =
        OptionMap.builder()
            .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
            .set(Options.TCP_NODELAY, true)
            .set(Options.REUSE_ADDRESSES, true)
            .set(Options.BALANCING_TOKENS, 1)
            .set(Options.BALANCING_CONNECTIONS, 2)
            .set(Options.BACKLOG, setup.backlog())
            .getMap();
    AcceptingChannel<? extends StreamConnection> channel =
        setup.tls().isEmpty()
            ? worker.createStreamConnectionServer(
                address, ChannelListeners.openListenerAdapter(opened), socket)
            : new UndertowXnioSsl(
                    worker.getXnio(),
                    OptionMap.create(Options.USE_DIRECT_BUFFERS, true),
                    setup.tls().get())
                .createSslConnectionServer(
                    worker, address, ChannelListeners.openListenerAdapter(opened), socket);
    channel.resumeAccepts();
    return channel;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return channel.getLocalAddress(InetSocketAddress.class);
  }

  @Override
  public void close() {
    IoUtils.safeClose(channel);
  }
}
