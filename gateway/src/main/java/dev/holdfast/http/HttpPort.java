package dev.holdfast.http;

import dev.holdfast.config.HostPort;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.WrittenHead;
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
 * A port that serves HTTP/1.1, with or without TLS. Undertow reads the requests; whatever is thrown
 * while one of its connections is read or written ends that connection, and what a handler throws
 * its request. Thread-safe.
 */
public final class HttpPort implements Closeable {
  /** As Undertow has it: with the header of a TLS record it stays within 16 KiB. */
  private static final int BUFFER_BYTES = 16 * 1024 - 20;

  /** Buffers that each thread keeps for itself. */
  private static final int KEPT_BUFFERS = 4;

  /** Fields that a head may have: Undertow holds so many values of one name, and fails at more. */
  private static final int MAX_FIELDS = 127;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final AcceptingChannel<? extends StreamConnection> channel;

  private HttpPort(AcceptingChannel<? extends StreamConnection> channel) {
    this.channel = channel;
  }

  /**
   * Where to listen, and how.
   *
   * @param backlog connections that may wait to be accepted
   * @param heads what the heads of requests may take
   * @param clients what clients may take together
   * @param undertow the options of {@link io.undertow.UndertowOptions}
   */
  public record Setup(
      HostPort listen,
      int backlog,
      Optional<Tls> tls,
      Heads heads,
      Clients clients,
      OptionMap undertow) {}

  /** TLS with these versions and cipher suites, by their names in the JDK. */
  public record Tls(SSLContext context, List<String> versions, List<String> suites) {}

  /**
   * What the heads of requests may take.
   *
   * @param bytes the largest one
   * @param timeout how long the rest of one may take to come
   * @param dropped how much of a refused request is read behind its answer
   * @param dropping how long that may take
   */
  public record Heads(int bytes, Duration timeout, long dropped, Duration dropping) {
    /** Of requests without large bodies. */
    public Heads(int bytes, Duration timeout) {
      this(bytes, timeout, bytes, Discard.PAUSE);
    }
  }

  /**
   * What clients may take together.
   *
   * @param quotas of connections and of bytes of heads
   * @param exempt the proxies, whose connections are those of many clients
   * @param gate keeps the port from accepting while descriptors are short
   */
  public record Clients(Quotas quotas, Predicate<InetAddress> exempt, Optional<AcceptGate> gate) {}

  /**
   * Listens, on the threads of this worker.
   *
   * @throws IOException if the address cannot be bound
   */
  public static HttpPort open(Setup setup, XnioWorker worker, Metrics metrics, HttpHandler root)
      throws IOException {
    HttpOpenListener http = undertow(setup, metrics, root);
    Heads heads = setup.heads();
    Clients clients = setup.clients();
    HeadConduit.Limits limits =
        new HeadConduit.Limits(
            heads, MAX_FIELDS, clients.quotas(), new RefusalLines(metrics, SteadyClock::nanoTime));
    ConnectionLimit connections =
        new ConnectionLimit(clients.quotas(), clients.exempt(), metrics::refused);
    ChannelListener<StreamConnection> opened =
        connection -> {
          ErrorBoundary boundary =
              ConnectionBoundary.around(connection, () -> metrics.internalError("connection"));
          boundary.run(
              () ->
                  connections
                      .accept(connection, boundary)
                      .map(it -> HeadConduit.install(connection, limits, boundary, it))
                      .ifPresent(conduit -> begin(connection, conduit, http)));
        };
    HostPort listen = setup.listen();
    try {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getByName(listen.host()), listen.port());
      return new HttpPort(bind(setup, worker, address, opened));
    } catch (IOException e) {
      throw new IOException("cannot listen on " + listen + ": " + e.getMessage(), e);
    }
  }

  private static HttpOpenListener undertow(Setup setup, Metrics metrics, HttpHandler root) {
    // Undertow's own limits are only a backstop: it sees no head that is over ours.
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
            ExchangeBoundary.around(exchange, () -> metrics.internalError("request"))
                .enter(exchange, root, HttpPort::handle));
    return http;
  }

  /** Undertow sets its own close listener, so this one is set behind it. */
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
   * When a connection closes within a request, Undertow ends the request last, and would then set a
   * timer for the next one, which keeps all of the connection until it is idle for too long.
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

  /** From now on the exchange's connection may be cut, if it is one of those that are counted. */
  public static void mayBeCut(HttpServerExchange exchange) {
    HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
    if (connection.getOriginalSourceConduit() instanceof HeadConduit heads) {
      heads.mayBeCut();
    }
  }

  /** What has been read behind the request is the next one's, and is counted and checked, too. */
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

  /** Where it listens. */
  public InetSocketAddress address() {
    return channel.getLocalAddress(InetSocketAddress.class);
  }

  @Override
  public void close() {
    IoUtils.safeClose(channel);
  }
}
