package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.tls.ClientTls;
import dev.holdfast.tls.PemPair;
import dev.holdfast.tls.ServerTls;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** Ten connections are all that there are, for two clients of different addresses. */
class ConnectionLimitIT {
  private static final int DEADLINE_MILLIS = 10_000;
  private static final String GET = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final byte GREEDY = 2;
  private static final byte MODEST = 1;

  @TempDir private static Path folder;
  private static PemPair pem;

  private final Quotas quotas =
      new Quotas(Map.of(Resource.CONNECTIONS, 10L, Resource.HEAD_BYTES, 1L << 20));
  private final LogLines log = new LogLines();
  private final List<Socket> sockets = new ArrayList<>();
  private XnioWorker worker;
  private HttpPort port;

  @BeforeAll
  static void makeCertificate() throws Exception {
    pem = PemPair.create(folder, "limit", "EC", "localhost");
  }

  @BeforeEach
  void open() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 2).getMap());
    port = open(Optional.empty(), address -> false);
  }

  private HttpPort open(Optional<HttpPort.Tls> tls, Predicate<InetAddress> exempt)
      throws IOException {
    return HttpPort.open(
        new HttpPort.Setup(
            InetSocketAddress.createUnresolved("127.0.0.1", 0),
            50,
            tls,
            new HttpPort.Heads(16 * 1024, Duration.ofSeconds(10)),
            new HttpPort.Clients(quotas, exempt, Optional.empty()),
            OptionMap.EMPTY),
        worker,
        new HttpListener() {},
        ConnectionLimitIT::handle);
  }

  /** Answers, but to what waits. */
  private static void handle(HttpServerExchange exchange) {
    if (exchange.getRequestPath().equals("/waits")) {
      exchange.dispatch(() -> {});
    } else if (exchange.getRequestPath().equals("/lingers")) {
      exchange.dispatch(() -> {});
      HttpPort.mayBeCut(exchange);
    } else {
      exchange.getResponseSender().send("fine");
    }
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    port.close();
    worker.shutdownNow();
    log.close();
  }

  private Socket connect(HttpPort to, byte client) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setSoTimeout(DEADLINE_MILLIS);
    socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, client}), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), to.address().getPort()));
    return socket;
  }

  private static Socket send(Socket socket, String path) throws IOException {
    socket.getOutputStream().write(GET.formatted(path).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static boolean isServed(Socket socket) throws IOException {
    try {
      send(socket, "/");
      StringBuilder read = new StringBuilder();
      while (!read.toString().endsWith("fine")) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          return false;
        }
        read.append((char) next);
      }
      return true;
    } catch (SocketException cut) {
      return false;
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException cut) {
      return true;
    }
  }

  private static boolean isQuiet(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    try {
      return socket.getInputStream().read() == Integer.MIN_VALUE;
    } catch (SocketTimeoutException quiet) {
      return true;
    } finally {
      socket.setSoTimeout(DEADLINE_MILLIS);
    }
  }

  private void awaitTaken(long count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS);
    while (quotas.taken(Resource.CONNECTIONS) != count) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private List<Socket> eightSilent(HttpPort to) throws Exception {
    List<Socket> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(connect(to, GREEDY));
    }
    awaitTaken(8);
    return all;
  }

  @Test
  void connectionIsCountedBeforeItSaysAnything() throws Exception {
    eightSilent(port);

    assertThat(isClosed(connect(port, GREEDY))).isTrue();
    assertThat(isServed(connect(port, MODEST))).isTrue();
    assertThat(log.lines())
        .filteredOn(line -> line.contains("(connections)"))
        .singleElement()
        .asString()
        .contains("127.0.0.2");
  }

  @Test
  void withTlsItIsCountedBeforeTheHandshake() throws Exception {
    try (ServerTls tls = ServerTls.open(pem.certificate(), pem.key());
        HttpPort secure =
            open(
                Optional.of(
                    new HttpPort.Tls(tls.context(), ServerTls.versions("1.2"), tls.suites())),
                address -> false)) {
      eightSilent(secure);

      assertThat(isClosed(connect(secure, GREEDY))).isTrue();
      Socket modest = connect(secure, MODEST);
      assertThat(
              isServed(
                  ClientTls.context(Optional.of(pem.certificate()))
                      .getSocketFactory()
                      .createSocket(modest, "localhost", secure.address().getPort(), true)))
          .isTrue();
    }
  }

  @Test
  void oldestWithoutARequestOfTheOneThatHoldsMostIsCut() throws Exception {
    Socket busy = send(connect(port, GREEDY), "/waits");
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      idle.add(connect(port, GREEDY));
      awaitTaken(2L + i);
    }
    // The server has read the request when it answers the same client's next one.
    assertThat(isServed(connect(port, GREEDY))).isTrue();
    assertThat(isServed(connect(port, MODEST))).isTrue();
    awaitTaken(9);

    assertThat(isServed(connect(port, MODEST))).isTrue();

    assertThat(isClosed(idle.get(0))).isTrue();
    awaitTaken(9);
    assertThat(isQuiet(busy)).isTrue();
    assertThat(isServed(idle.get(1))).isTrue();
    assertThat(Objects.requireNonNull(quotas.cuts().get("connections")).getAsLong()).isOne();
  }

  @Test
  void connectionThatWasServedAndIsIdleMayBeCut() throws Exception {
    Socket served = connect(port, GREEDY);
    assertThat(isServed(served)).isTrue();
    for (int i = 0; i < 7; i++) {
      send(connect(port, GREEDY), "/waits");
    }
    awaitTaken(8);
    assertThat(isServed(connect(port, MODEST))).isTrue();

    assertThat(isServed(connect(port, MODEST))).isTrue();

    assertThat(isClosed(served)).isTrue();
  }

  @Test
  void connectionThatOnlyDrainsABodyMayBeCut() throws Exception {
    Socket draining = send(connect(port, GREEDY), "/lingers");
    for (int i = 0; i < 7; i++) {
      send(connect(port, GREEDY), "/waits");
    }
    awaitTaken(8);
    assertThat(isServed(connect(port, MODEST))).isTrue();

    assertThat(isServed(connect(port, MODEST))).isTrue();

    assertThat(isClosed(draining)).isTrue();
  }

  @Test
  void proxyHasAllThatThereAre() throws Exception {
    try (HttpPort behind = open(Optional.empty(), address -> address.getAddress()[3] == GREEDY)) {
      for (int i = 0; i < 10; i++) {
        assertThat(isServed(connect(behind, GREEDY))).isTrue();
      }
      assertThat(isClosed(connect(behind, GREEDY))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", GETS, "nonsense\r\n\r\n"})
  void whateverEndsAConnectionItIsGivenBack(String said) throws Exception {
    for (int i = 0; i < 30; i++) {
      Socket socket = connect(port, MODEST);
      socket.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
      if (i % 2 == 0) {
        socket.setSoLinger(true, 0);
      }
      socket.close();
      awaitTaken(0);
    }
  }

  private static final String GETS =
      "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
}
