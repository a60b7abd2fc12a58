package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.LogLines;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.tls.ClientTls;
import dev.holdfast.tls.PemPair;
import dev.holdfast.tls.ServerTls;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** Connections of one I/O thread, and what is thrown while one of them is served. */
class HttpPortIT {
  private static final int DEADLINE_MILLIS = 10_000;
  private static final String GET =
      "GET /%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

  @TempDir private static Path folder;
  private static PemPair pem;

  private final RecordingHttpListener listener = new RecordingHttpListener();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LogLines log = new LogLines();
  private final ServerTls tls = openTls();
  private XnioWorker worker;
  private HttpPort plain;
  private HttpPort secure;

  @BeforeAll
  static void makeCertificate() throws Exception {
    pem = PemPair.create(folder, "port", "EC", "localhost");
  }

  private static ServerTls openTls() {
    try {
      return ServerTls.open(pem.certificate(), pem.key());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void oneThread() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 1).getMap());
    plain = open(Optional.empty());
    secure = open(Optional.of(tls("1.2")));
  }

  @AfterEach
  void close() {
    plain.close();
    secure.close();
    worker.shutdownNow();
    tls.close();
    log.close();
  }

  private HttpPort.Tls tls(String oldest) {
    return new HttpPort.Tls(tls.context(), ServerTls.versions(oldest), tls.suites());
  }

  private HttpPort open(Optional<HttpPort.Tls> secured) throws IOException {
    return open(secured, TestQuotas.plenty(), address -> false);
  }

  private HttpPort open(
      Optional<HttpPort.Tls> secured, Quotas quotas, Predicate<InetAddress> exempt)
      throws IOException {
    HttpPort.Heads heads = new HttpPort.Heads(16 * 1024, Duration.ofSeconds(10));
    HttpPort.Clients clients = new HttpPort.Clients(quotas, exempt, Optional.empty());
    return HttpPort.open(
        new HttpPort.Setup(
            InetSocketAddress.createUnresolved("127.0.0.1", 0),
            50,
            secured,
            heads,
            clients,
            OptionMap.EMPTY),
        worker,
        listener,
        this::handle);
  }

  private Socket connect(boolean secured) throws IOException {
    int number = (secured ? secure : plain).address().getPort();
    Socket socket =
        secured
            ? ClientTls.context(Optional.of(pem.certificate()))
                .getSocketFactory()
                .createSocket("localhost", number)
            : new Socket(InetAddress.getLoopbackAddress(), number);
    socket.setSoTimeout(DEADLINE_MILLIS);
    return socket;
  }

  /** As what takes a connection over does: its listeners are set in place of Undertow's. */
  private void handle(HttpServerExchange exchange) {
    StreamConnection channel = ((HttpServerConnection) exchange.getConnection()).getChannel();
    exchange.getConnection().addCloseListener(gone -> closed.countDown());
    switch (exchange.getRequestPath()) {
      case "/reading" -> {
        exchange.dispatch(() -> {});
        channel.getSourceChannel().setReadListener(source -> fail("reading"));
        channel.getSourceChannel().wakeupReads();
      }
      case "/writing" -> {
        exchange.dispatch(() -> {});
        channel.getSinkChannel().setWriteListener(sink -> fail("writing"));
        channel.getSinkChannel().resumeWrites();
      }
      case "/upgraded" ->
          exchange.upgradeChannel(
              (connection, upgraded) -> {
                connection.getSourceChannel().setReadListener(source -> fail("upgraded"));
                connection.getSourceChannel().wakeupReads();
              });
      case "/error", "/runtime" -> throwIt(exchange);
      case "/begun/error", "/begun/runtime" -> {
        exchange.getResponseHeaders().put(Headers.CONTENT_LENGTH, 10);
        exchange.getResponseSender().send("half", new ThrowingCallback());
      }
      default -> exchange.getResponseSender().send("fine");
    }
  }

  private static void throwIt(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    if (path.endsWith("error")) {
      throw new StackOverflowError("in " + path);
    }
    throw new IllegalStateException("in " + path);
  }

  private static final class ThrowingCallback implements IoCallback {
    @Override
    public void onComplete(HttpServerExchange exchange, Sender sender) {
      throwIt(exchange);
    }

    @Override
    public void onException(HttpServerExchange exchange, Sender sender, IOException problem) {}
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "runtime"})
  void handlerThatThrowsEndsItsRequestWith500(String what) throws Exception {
    try (Socket failing = connect(false);
        Socket other = connect(false)) {
      send(failing, what);

      assertThat(new String(failing.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 500 ")
          .contains("Connection: close");
      send(other, "");
      assertThat(answer(other)).contains("200 OK");
    }
    assertThat(log.traces()).containsExactly("in /" + what);
    assertThat(listener.errors).containsExactly("request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "runtime"})
  void handlerThatThrowsWithinItsResponseEndsTheConnection(String what) throws Exception {
    try (Socket failing = connect(false);
        Socket other = connect(false)) {
      send(failing, "begun/" + what);

      assertThat(ends(failing)).isTrue();
      send(other, "");
      assertThat(answer(other)).contains("200 OK");
    }
    assertThat(log.traces()).containsExactly("in /begun/" + what);
    assertThat(listener.errors).hasSize(1);
  }

  private static void fail(String where) {
    throw new OutOfMemoryError("while " + where);
  }

  private static void send(Socket socket, String path) throws IOException {
    socket.getOutputStream().write(GET.formatted(path).getBytes(StandardCharsets.US_ASCII));
  }

  private static String answer(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("fine")) {
      int next = socket.getInputStream().read();
      assertThat(next).as("after " + text).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }

  /** Whether the other side closes the connection, in whichever way. */
  private static boolean ends(Socket socket) throws IOException {
    try {
      var unused = socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException silent) {
      return false;
    } catch (SocketException | SSLException cut) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reading", "writing", "upgraded"})
  void listenerThatThrowsEndsItsConnectionAndNoOther(String where) throws Exception {
    endsAlone(where, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reading", "writing", "upgraded"})
  void overTlsToo(String where) throws Exception {
    endsAlone(where, true);
  }

  private void endsAlone(String where, boolean secured) throws Exception {
    try (Socket failing = connect(secured);
        Socket other = connect(secured)) {
      send(other, "");
      assertThat(answer(other)).contains("200 OK");

      send(failing, where);

      assertThat(ends(failing)).isTrue();
      assertThat(closed.await(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(log.traces()).containsExactly("while " + where);
      assertThat(listener.errors).containsExactly("connection");
      send(other, "");
      assertThat(answer(other)).contains("200 OK");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.2, TLSv1.3, TLS_AES_128_GCM_SHA256, true",
    "1.2, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true",
    "1.2, TLSv1.2, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true",
    "1.2, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false",
    "1.2, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false",
    "1.3, TLSv1.3, TLS_AES_256_GCM_SHA384, true",
    "1.3, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false",
  })
  void onlyModernTlsIsSpoken(String oldest, String version, String suite, boolean spoken)
      throws Exception {
    try (HttpPort port = open(Optional.of(tls(oldest)));
        SSLSocket socket =
            (SSLSocket)
                ClientTls.context(Optional.of(pem.certificate()))
                    .getSocketFactory()
                    .createSocket("localhost", port.address().getPort())) {
      socket.setSoTimeout(DEADLINE_MILLIS);
      socket.setEnabledProtocols(new String[] {version});
      socket.setEnabledCipherSuites(new String[] {suite});

      if (spoken) {
        socket.startHandshake();
        assertThat(socket.getSession().getCipherSuite()).isEqualTo(suite);
      } else {
        assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
      }
    }
  }
}
