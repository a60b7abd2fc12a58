package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.FreePort;
import dev.holdfast.LogLines;
import dev.holdfast.config.Settings;
import dev.holdfast.tls.PemPair;
import dev.holdfast.tls.ServerTls;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.Channels;

class DialIT {
  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private static Path folder;
  private static XnioWorker worker;
  private static PemPair localhost;
  private static PemPair elsewhere;

  @BeforeAll
  static void prepare() throws Exception {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 2).getMap());
    localhost = PemPair.create(folder, "localhost", "EC", "localhost");
    elsewhere = PemPair.create(folder, "elsewhere", "EC", "elsewhere.example");
  }

  @AfterAll
  static void stop() {
    worker.shutdown();
  }

  @Test
  void connectionIsHandedOverOnTheThreadThatWasAsked() throws Exception {
    try (StandInOpenWebUi webui = StandInOpenWebUi.start()) {
      XnioIoThread thread = worker.getIoThread(1);

      Outcome outcome = dial(dialer(webui.uri(), Optional.empty(), PATIENT, "127.0.0.1"), thread);

      assertThat(outcome.thread()).isSameAs(thread);
      assertThat(outcome.connection().getIoThread()).isSameAs(thread);
      assertThat(outcome.connection().getOption(Options.TCP_NODELAY)).isTrue();
      assertThat(answerTo(outcome.connection())).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void connectionWhoseUserThrowsIsClosed() throws Exception {
    CompletableFuture<DialFailure> told = new CompletableFuture<>();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        LogLines log = new LogLines()) {
      server.setSoTimeout((int) PATIENT.toMillis());
      Dialer dialer =
          dialer(
              URI.create("http://localhost:" + server.getLocalPort()),
              Optional.empty(),
              PATIENT,
              "127.0.0.1");

      dialer.dial(
          worker.getIoThread(0),
          new ConnectCallback() {
            @Override
            public void connected(StreamConnection connection) {
              throw new IllegalStateException("a fault of the user");
            }

            @Override
            public void failed(DialFailure failure) {
              told.complete(failure);
            }
          });

      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout((int) PATIENT.toMillis());
        assertThat(accepted.getInputStream().read()).isNegative();
      }
      assertThat(told.get(PATIENT.toMillis(), TimeUnit.MILLISECONDS).sentence())
          .isEqualTo("internal error");
      assertThat(log.traces()).containsExactly("a fault of the user");
    }
  }

  @Test
  void nextAddressIsTriedAndRemembered() throws Exception {
    try (StandInOpenWebUi webui = StandInOpenWebUi.start()) {
      Dialer dialer =
          dialer(webui.uri(), Optional.empty(), PATIENT, "127.0.0.3", "127.0.0.2", "127.0.0.1");

      Outcome outcome = dial(dialer);

      assertThat(outcome.connection().getPeerAddress(InetSocketAddress.class).getHostString())
          .isEqualTo("127.0.0.1");
      assertThat(dialer.addresses().known().get(0))
          .isEqualTo(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), webui.uri().getPort()));
      IoUtils.safeClose(outcome.connection());
    }
  }

  /** What nobody answers, not even with a refusal, takes its share of the time alone. */
  @Test
  void addressThatLeadsNowhereLeavesTimeForTheNext() throws Exception {
    try (StandInOpenWebUi webui = StandInOpenWebUi.start();
        ServerSocket full = new ServerSocket(webui.uri().getPort(), 1, lookup("127.0.0.2")[0]);
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
      assertThat(List.of(first, second)).allMatch(Socket::isConnected);
      Dialer dialer =
          dialer(webui.uri(), Optional.empty(), Duration.ofSeconds(2), "127.0.0.2", "127.0.0.1");

      Outcome slow = dial(dialer);

      assertThat(slow.connection().getPeerAddress(InetSocketAddress.class).getHostString())
          .isEqualTo("127.0.0.1");
      assertThat(dialer.addresses().known().get(0).getHostString()).isEqualTo("127.0.0.1");
      IoUtils.safeClose(slow.connection());
    }
  }

  @Test
  void refusalOfAllAddressesIsUnreachable() throws Exception {
    URI nobody = URI.create("http://localhost:" + FreePort.find());

    Outcome outcome = dial(dialer(nobody, Optional.empty(), PATIENT, "127.0.0.2", "127.0.0.1"));

    assertThat(outcome.failure().reason()).isEqualTo(DialFailure.Reason.UNREACHABLE);
    assertThat(outcome.failure().sentence()).contains("127.0.0.1:" + nobody.getPort());
  }

  @Test
  void nameThatIsNotKnownIsUnresolved() throws Exception {
    Outcome outcome = dial(dialer(URI.create("http://webui:8080"), Optional.empty(), PATIENT));

    assertThat(outcome.failure())
        .isEqualTo(new DialFailure(DialFailure.Reason.UNRESOLVED, "host name webui is not known"));
  }

  @Test
  void tlsIsOpenWhenTheConnectionIsHandedOver() throws Exception {
    try (ServerTls tls = ServerTls.open(localhost.certificate(), localhost.key());
        StandInOpenWebUi webui = StandInOpenWebUi.start(tls.context())) {
      Outcome outcome = dial(dialer(webui.uri(), trusting(localhost), PATIENT, "127.0.0.1"));

      assertThat(answerTo(outcome.connection())).startsWith("HTTP/1.1 200 OK");
    }
  }

  /** The resolver knows nothing of this one. */
  @Test
  void nameOfTheUrlIsSentAndVerifiedWithoutLookingItUp() throws Exception {
    PemPair pair = PemPair.create(folder, "named", "EC", "webui.invalid");
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    try (ServerTls tls = ServerTls.open(pair.certificate(), pair.key());
        SSLServerSocket server =
            (SSLServerSocket)
                tls.context()
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> asked.add(nameAskedOf(server)), "tls-server");
      thread.setDaemon(true);
      thread.start();
      URI uri = URI.create("https://webui.invalid:" + server.getLocalPort());

      Outcome outcome = dial(dialer(uri, trusting(pair), PATIENT, "127.0.0.1"));

      assertThat(outcome.connection().isOpen()).isTrue();
      assertThat(asked.poll(PATIENT.toSeconds(), TimeUnit.SECONDS)).contains("webui.invalid");
      IoUtils.safeClose(outcome.connection());
    }
  }

  private static String nameAskedOf(SSLServerSocket server) {
    try (SSLSocket socket = (SSLSocket) server.accept()) {
      socket.startHandshake();
      return ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames().toString();
    } catch (IOException failed) {
      return failed.toString();
    }
  }

  @Test
  void certificateOfAnotherHostIsRefused() throws Exception {
    try (ServerTls tls = ServerTls.open(elsewhere.certificate(), elsewhere.key());
        StandInOpenWebUi webui = StandInOpenWebUi.start(tls.context())) {
      Outcome outcome = dial(dialer(webui.uri(), trusting(elsewhere), PATIENT, "127.0.0.1"));

      assertThat(outcome.failure().reason()).isEqualTo(DialFailure.Reason.TLS);
      assertThat(outcome.failure().sentence())
          .contains("its certificate is not trusted: ", "localhost");
    }
  }

  @Test
  void certificateThatIsNotTrustedIsRefused() throws Exception {
    try (ServerTls tls = ServerTls.open(localhost.certificate(), localhost.key());
        StandInOpenWebUi webui = StandInOpenWebUi.start(tls.context())) {
      Outcome outcome = dial(dialer(webui.uri(), trusting(elsewhere), PATIENT, "127.0.0.1"));

      assertThat(outcome.failure().reason()).isEqualTo(DialFailure.Reason.TLS);
      assertThat(outcome.failure().sentence())
          .contains("its certificate is not trusted: ", "valid certification path");
    }
  }

  @Test
  void serverThatSpeaksNoTlsIsRefused() throws Exception {
    try (StandInOpenWebUi webui = StandInOpenWebUi.start()) {
      URI secure = URI.create("https://localhost:" + webui.uri().getPort());

      Outcome outcome = dial(dialer(secure, trusting(localhost), PATIENT, "127.0.0.1"));

      assertThat(outcome.failure().reason()).isEqualTo(DialFailure.Reason.TLS);
    }
  }

  @Test
  void silentServerEndsTheDialInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("https://localhost:" + silent.getLocalPort());

      Outcome outcome = dial(dialer(uri, trusting(localhost), SHORT, "127.0.0.1"));

      assertThat(outcome.failure().reason()).isEqualTo(DialFailure.Reason.TIMEOUT);
    }
  }

  private static Optional<Dialer.Tls> trusting(PemPair pair) throws IOException {
    Settings settings = Settings.of(Map.of("upstream.ca-file", pair.certificate().toString()));
    return Optional.of(Dialer.Tls.of(settings, Xnio.getInstance()));
  }

  private static Dialer dialer(
      URI uri, Optional<Dialer.Tls> tls, Duration timeout, String... addresses) {
    AddressLookup known =
        new AddressLookup(uri.getHost(), uri.getPort(), Runnable::run, host -> lookup(addresses));
    known.refresh();
    return new Dialer(uri, known, tls, timeout, () -> {});
  }

  private static InetAddress[] lookup(String... addresses) throws UnknownHostException {
    if (addresses.length == 0) {
      throw new UnknownHostException();
    }
    InetAddress[] found = new InetAddress[addresses.length];
    for (int each = 0; each < found.length; each++) {
      found[each] = InetAddress.getAllByName(addresses[each])[0];
    }
    return found;
  }

  private static Outcome dial(Dialer dialer) throws InterruptedException {
    return dial(dialer, worker.getIoThread(0));
  }

  private static Outcome dial(Dialer dialer, XnioIoThread thread) throws InterruptedException {
    BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    dialer.dial(
        thread,
        new ConnectCallback() {
          @Override
          public void connected(StreamConnection connection) {
            outcomes.add(
                new Outcome(Optional.of(connection), Optional.empty(), Thread.currentThread()));
          }

          @Override
          public void failed(DialFailure failure) {
            outcomes.add(
                new Outcome(Optional.empty(), Optional.of(failure), Thread.currentThread()));
          }
        });
    Outcome outcome = outcomes.poll(2 * PATIENT.toSeconds(), TimeUnit.SECONDS);
    assertThat(outcome).as("a call back").isNotNull();
    assertThat(outcomes).as("further calls back").isEmpty();
    return outcome;
  }

  private static String answerTo(StreamConnection connection) throws IOException {
    byte[] request =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    Channels.writeBlocking(connection.getSinkChannel(), ByteBuffer.wrap(request));
    Channels.flushBlocking(connection.getSinkChannel());
    ByteBuffer answer = ByteBuffer.allocate(4096);
    Channels.readBlocking(connection.getSourceChannel(), answer);
    IoUtils.safeClose(connection);
    return new String(Arrays.copyOf(answer.array(), answer.position()), StandardCharsets.US_ASCII);
  }

  private record Outcome(
      Optional<StreamConnection> opened, Optional<DialFailure> missed, Thread thread) {
    StreamConnection connection() {
      return opened.orElseThrow(() -> new AssertionError(missed));
    }

    DialFailure failure() {
      return missed.orElseThrow(() -> new AssertionError("connected"));
    }
  }
}
