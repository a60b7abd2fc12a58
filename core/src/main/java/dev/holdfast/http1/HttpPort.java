package dev.holdfast.http1;

import dev.holdfast.memory.Quotas;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.wire.ConnectionBoundary;
import io.undertow.UndertowOptions;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * A port that serves HTTP/1.1, with or without TLS, using Undertow. An exception while a connection
 * is read or written ends the connection; one in a handler ends its request. Thread-safe.
 */
public final class HttpPort implements Closeable {
  /** Undertow's buffer size: with a TLS record header it stays within 16 KiB. */
  private static final int BUFFER_BYTES = 16 * 1024 - 20;

  /** Number of buffers that each thread caches. */
  private static final int KEPT_BUFFERS = 4;

  /** Maximum number of fields in a head; Undertow fails with more values of one name. */
  private static final int MAX_FIELDS = 127;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final AcceptingChannel<? extends StreamConnection> channel;

  private HttpPort(AcceptingChannel<? extends StreamConnection> channel) {
    this.channel = channel;
  }

  /**
   * The address and configuration of a port.
   *
   * @param listen the address to bind, unresolved; port 0 takes a free one
   * @param backlog connections that may wait to be accepted
   * @param heads the limits of request heads
   * @param clients the limits that clients share
   * @param undertow the options of {@link io.undertow.UndertowOptions}
   */
  public record Setup(
      InetSocketAddress listen,
      int backlog,
      Optional<Tls> tls,
      Heads heads,
      Clients clients,
      OptionMap undertow) {}

  /** TLS with these versions and cipher suites, by their JDK names. */
  public record Tls(SSLContext context, List<String> versions, List<String> suites) {}

  /**
   * The limits of request heads.
   *
   * @param bytes maximum size
   * @param timeout how long the rest of a head may take to arrive
   * @param dropped maximum bytes of a refused request that are read after its response
   * @param dropping how long that may take
   */
  public record Heads(int bytes, Duration timeout, long dropped, Duration dropping) {
    /** Creates limits for requests without large bodies. */
    public Heads(int bytes, Duration timeout) {
      this(bytes, timeout, bytes, Discard.PAUSE);
    }
  }

  /**
   * The limits that clients share.
   *
   * @param quotas of connections and of bytes of heads
   * @param exempt matches proxies, whose connections carry many clients
   * @param gate suspends accepting while file descriptors are scarce
   */
  public record Clients(Quotas quotas, Predicate<InetAddress> exempt, Optional<AcceptGate> gate) {}

  /**
   * Starts to listen, on the threads of this worker.
   *
   * @param listener receives what the port refuses
   * @throws IOException if the address cannot be bound
   */
  public static HttpPort open(
      Setup setup, XnioWorker worker, HttpListener listener, HttpHandler root) throws IOException {
    HttpOpenListener http = undertow(setup, listener, root);
    Heads heads = setup.heads();
    Clients clients = setup.clients();
    RefusalLines refusals = new RefusalLines(listener::refused, SteadyClock::nanoTime);
    HeadConduit.Limits limits =
        new HeadConduit.Limits(heads, MAX_FIELDS, clients.quotas(), refusals);
    ConnectionLimit connections =
        new ConnectionLimit(clients.quotas(), clients.exempt(), listener::refused);
    ChannelListener<StreamConnection> opened =
        connection -> {
          ErrorBoundary boundary =
              ConnectionBoundary.around(connection, () -> listener.internalError("connection"));
          boundary.run(
              () ->
                  connections
                      .accept(connection, boundary)
                      .map(it -> HeadConduit.install(connection, limits, boundary, it))
                      .ifPresent(conduit -> begin(connection, conduit, http)));
        };
    String host = setup.listen().getHostString();
    int number = setup.listen().getPort();
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), number);
      return new HttpPort(bind(setup, worker, address, opened));
    } catch (IOException e) {
      String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
      throw new IOException("cannot listen on " + shown + ":" + number + ": " + e.getMessage(), e);
    }
  }

  private static HttpOpenListener undertow(Setup setup, HttpListener listener, HttpHandler root) {
    // Undertow's own limits are only a backstop, since it never sees a head that exceeds ours.
    OptionMap options =
        OptionMap.builder()
            .set(UndertowOptions.MAX_HEADERS, MAX_FIELDS)
            .set(UndertowOptions.MAX_HEADER_SIZE, 2 * setup.heads().bytes())
            .addAll(setup.undertow())
            .getMap();
    HttpOpenListener http =
        new HttpOpenListener(
            new DefaultByteBufferPool(true, BUFFER_BYTES, -1, KEPT_BUFFERS), options);
    http.setRootHandler(
        exchange ->
            ExchangeBoundary.around(exchange, () -> listener.internalError("request"))
                .enter(exchange, root, HttpPort::handle));
    return http;
  }

  /** Sets the close listener after Undertow has set its own, and calls both. */
  private static void begin(StreamConnection connection, HeadConduit heads, HttpOpenListener http) {
    try {
      http.handleEvent(connection);
    } finally {
      ChannelListener<? super StreamConnection> undertows = connection.getCloseListener();
      connection.setCloseListener(
          closed -> {
            heads.closed();
            ChannelListeners.invokeChannelListener(closed, undertows);
          });
      if (!connection.isOpen()) {
        heads.closed();
      }
    }
  }

  /**
   * Handles a request. If a connection closes during a request, Undertow would end the request last
   * and then start the keep-alive timer, which would retain the whole connection until it expires.
   */
  private static void handle(HttpServerExchange exchange, HttpHandler root) throws Exception {
    HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
    WrittenHead head = ((HeadConduit) connection.getOriginalSourceConduit()).served();
    RequestTarget target = RequestTarget.read(head.target());
    target.putOn(exchange);
    Fields.restore(exchange, head, target);
    exchange.addExchangeCompleteListener(
        (ended, next) -> {
          if (ended.getConnection().isOpen()) {
            if (!ended.isUpgrade()) {
              expectHead((HttpServerConnection) ended.getConnection());
            }
            next.proceed();
          }
        });
    root.handleRequest(exchange);
  }

  /** Allows the exchange's connection to be cut from now on, if it is a counted one. */
  public static void mayBeCut(HttpServerExchange exchange) {
    HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
    if (connection.getOriginalSourceConduit() instanceof HeadConduit heads) {
      heads.mayBeCut();
    }
  }

  /**
   * Passes bytes that were read ahead to the next head, so that they are counted and checked, too.
   */
  private static void expectHead(HttpServerConnection connection) {
    HeadConduit heads = (HeadConduit) connection.getOriginalSourceConduit();
    PooledByteBuffer ahead = connection.getExtraBytes();
    if (ahead == null) {
      heads.expectHead(NOTHING);
    } else {
      heads.expectHead(ahead.getBuffer());
      connection.setExtraBytes(null);
      ahead.close();
    }
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
    AcceptListener accepting = new AcceptListener(setup.clients().gate(), opened);
    AcceptingChannel<? extends StreamConnection> channel =
        setup.tls().isEmpty()
            ? worker.createStreamConnectionServer(address, accepting, socket)
            : secure(setup.tls().get(), worker, address, accepting, socket);
    channel.resumeAccepts();
    return channel;
  }

  private static AcceptingChannel<? extends StreamConnection> secure(
      Tls tls,
      XnioWorker worker,
      InetSocketAddress address,
      ChannelListener<AcceptingChannel<? extends StreamConnection>> accepting,
      OptionMap socket)
      throws IOException {
    OptionMap options =
        OptionMap.builder()
            .addAll(socket)
            .set(Options.SSL_ENABLED_PROTOCOLS, Sequence.of(tls.versions()))
            .set(Options.SSL_ENABLED_CIPHER_SUITES, Sequence.of(tls.suites()))
            .getMap();
    return new UndertowXnioSsl(
            worker.getXnio(), OptionMap.create(Options.USE_DIRECT_BUFFERS, true), tls.context())
        .createSslConnectionServer(worker, address, accepting, options);
  }

  /** Returns the address it listens on. */
  public InetSocketAddress address() {
    return channel.getLocalAddress(InetSocketAddress.class);
  }

  @Override
  public void close() {
    IoUtils.safeClose(channel);
  }
}
