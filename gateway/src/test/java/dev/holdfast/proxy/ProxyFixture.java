package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Configuration;
import dev.holdfast.config.Flag;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.xnio.IoFuture;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** A proxy on a free port, and a backend whose every byte the test writes. */
final class ProxyFixture implements Closeable {
  private final Metrics metrics = new Metrics();
  private final List<Closeable> open = new ArrayList<>();
  private final ServerSocket backend;
  private volatile boolean failing;
  private volatile Runnable routing = () -> {};
  private final Proxy proxy;
  private final XnioWorker worker;
  private final HttpPort server;

  /** With settings such as {@code proxy.queue=0}; one I/O thread. */
  ProxyFixture(String... settings) throws IOException {
    this(1, settings);
  }

  ProxyFixture(int ioThreads, String... settings) throws IOException {
    this(ioThreads, ResponseEditor.NONE, settings);
  }

  /** Whose responses this editor changes. */
  static ProxyFixture editing(ResponseEditor editor) throws IOException {
    return new ProxyFixture(1, editor);
  }

  private ProxyFixture(int ioThreads, ResponseEditor editor, String... settings)
      throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    backend = new ServerSocket(0, 50, loopback);
    backend.setSoTimeout(RawPeer.DEADLINE_MILLIS);
    Settings all = settings(settings);
    var there = new InetSocketAddress(loopback, backend.getLocalPort());
    var route =
        new Backend(
            "backend",
            client -> client.orElse("backend.example"),
            (thread, callback) -> dial(thread, there, callback));
    proxy =
        new Proxy(
            all,
            metrics,
            new Forwarding(all),
            TestQuotas.plenty(),
            (headers, client) -> choose(route),
            new Interceptors(List.of(), editor));
    worker =
        Xnio.getInstance()
            .createWorker(
                OptionMap.builder()
                    .set(Options.WORKER_IO_THREADS, ioThreads)
                    .set(Options.WORKER_TASK_CORE_THREADS, 1)
                    .getMap());
    InetSocketAddress listen = InetSocketAddress.createUnresolved(loopback.getHostAddress(), 0);
    server =
        HttpPort.open(
            new HttpPort.Setup(
                listen, 50, Optional.empty(), heads(all), clients(), ServerOptions.of(all)),
            worker,
            metrics,
            proxy);
  }

  private static HttpPort.Heads heads(Settings all) {
    return new HttpPort.Heads(all.get(LimitKeys.HEADER), all.get(LimitKeys.HEAD_TIMEOUT));
  }

  private static HttpPort.Clients clients() {
    return new HttpPort.Clients(TestQuotas.plenty(), address -> false, Optional.empty());
  }

  static Settings settings(String... settings) {
    List<Flag> flags =
        Stream.of(settings)
            .map(text -> text.split("=", 2))
            .map(pair -> new Flag("--set", pair[0], pair[1]))
            .toList();
    return Configuration.load(flags, Map.of(), Optional.empty()).settings();
  }

  private Optional<Backend> choose(Backend route) {
    Runnable fault = routing;
    fault.run();
    return Optional.of(route);
  }

  /** From now on this runs when a backend is chosen for a request. */
  void whileRouting(Runnable fault) {
    routing = fault;
  }

  /** From now on dialling the backend throws; or no more. */
  void failsToDial(boolean fails) {
    failing = fails;
  }

  /** How many internal errors were counted. */
  double internalErrors() {
    return metrics.registry().scrape().stream()
        .filter(it -> it.getMetadata().getName().equals("holdfast_internal_errors"))
        .flatMap(it -> ((CounterSnapshot) it).getDataPoints().stream())
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  private void dial(XnioIoThread thread, InetSocketAddress address, ConnectCallback callback) {
    if (failing) {
      throw new OutOfMemoryError("a fault of the dialler");
    }
    thread
        .openStreamConnection(address, null, OptionMap.create(Options.TCP_NODELAY, true))
        .addNotifier(
            new IoFuture.HandlingNotifier<StreamConnection, Void>() {
              @Override
              public void handleDone(StreamConnection connection, Void nothing) {
                callback.connected(connection);
              }

              @Override
              public void handleFailed(IOException problem, Void nothing) {
                callback.failed(
                    new DialFailure(
                        DialFailure.Reason.UNREACHABLE, String.valueOf(problem.getMessage())));
              }
            },
            null);
  }

  /** A client's connection to the proxy. */
  RawPeer client() {
    return client("127.0.0.1");
  }

  /** The same from this address, in 127.0.0.0/8. */
  RawPeer client(String from) {
    RawPeer client = RawPeer.connect(from, server.address());
    open.add(client);
    return client;
  }

  /** The proxy's next connection to the backend. */
  RawPeer accept() {
    try {
      RawPeer peer = new RawPeer(backend.accept());
      open.add(peer);
      return peer;
    } catch (IOException none) {
      throw new UncheckedIOException(none);
    }
  }

  /** Whether the proxy has not tried to connect to the backend once more. */
  boolean nobodyElseConnects() throws IOException {
    backend.setSoTimeout(50);
    try (Socket surprising = backend.accept()) {
      return surprising.isClosed();
    } catch (java.net.SocketTimeoutException nobody) {
      return true;
    } finally {
      backend.setSoTimeout(RawPeer.DEADLINE_MILLIS);
    }
  }

  /** Nobody listens any more. */
  void stopBackend() throws IOException {
    backend.close();
  }

  /** Waits until it is so; a test that waits too long has failed. */
  void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RawPeer.DEADLINE_MILLIS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** Sends a request and hands over what arrives at the backend, which then answers. */
  String exchange(String request, String response) {
    RawPeer client = client().send(request);
    RawPeer upstream = accept();
    String head = upstream.head();
    upstream.send(response);
    assertThat(client.head()).startsWith("HTTP/1.1 ");
    return head;
  }

  /** Does something while the only I/O thread sees nothing of it. */
  void whileItStandsStill(Runnable action) {
    var standing = new CountDownLatch(1);
    var done = new CountDownLatch(1);
    worker
        .getIoThread()
        .execute(
            () -> {
              standing.countDown();
              join(done);
            });
    join(standing);
    action.run();
    done.countDown();
  }

  private static void join(CountDownLatch latch) {
    try {
      assertThat(latch.await(RawPeer.DEADLINE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  Proxy proxy() {
    return proxy;
  }

  @Override
  public void close() throws IOException {
    for (Closeable one : open) {
      one.close();
    }
    backend.close();
    proxy.close();
    server.close();
    worker.shutdownNow();
  }
}
