package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.StallingServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthCommandTest {
  private HttpServer admin;
  private int port;

  @BeforeEach
  void open() throws IOException {
    admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/healthz", 200);
    answer("/readyz", 503);
    admin.start();
    port = admin.getAddress().getPort();
  }

  @AfterEach
  void close() {
    admin.stop(0);
  }

  @Test
  void aliveIsZeroAndNotReadyIsOne() {
    String url = "http://127.0.0.1:" + port;

    assertThat(Ran.command("health", "--admin", url))
        .isEqualTo(new Ran(0, url + "/healthz answers 200\n", ""));
    assertThat(Ran.command("health", "--admin", url, "--ready"))
        .isEqualTo(new Ran(1, url + "/readyz answers 503\n", ""));
  }

  @Test
  void addressIsThatOfTheSettings() {
    Ran ran = Ran.in(Map.of("HOLDFAST_ADMIN_LISTEN", "0.0.0.0:" + port), "health");

    assertThat(ran)
        .isEqualTo(new Ran(0, "http://127.0.0.1:" + port + "/healthz answers 200\n", ""));
  }

  @Test
  void nobodyThereIsOne() {
    admin.stop(0);

    Ran ran = Ran.command("health", "--admin-listen", "127.0.0.1:" + port);

    assertThat(ran.code()).isOne();
    assertThat(ran.out()).startsWith("http://127.0.0.1:" + port + "/healthz does not answer: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nX: "})
  void nodeThatStopsWithinItsAnswerIsNotWaitedForWithoutEnd(String said) throws IOException {
    try (StallingServer node = StallingServer.saying(said)) {
      assertThatThrownBy(() -> HealthCommand.status(node.uri(), Duration.ofMillis(300)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nodeThatAnswersByteByByteIsNotWaitedForWithoutEnd() throws Exception {
    try (ServerSocket node = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread dripping = new Thread(() -> drip(node));
      dripping.setDaemon(true);
      dripping.start();
      URI url = URI.create("http://127.0.0.1:" + node.getLocalPort() + "/healthz");

      assertThatThrownBy(() -> HealthCommand.status(url, Duration.ofMillis(300)))
          .hasMessage("no answer within 300 ms");
    }
  }

  private static void drip(ServerSocket node) {
    try (java.net.Socket socket = node.accept()) {
      socket.getOutputStream().write("HTTP/1.1 200 OK\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      while (!node.isClosed()) {
        socket.getOutputStream().write('x');
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (IOException | InterruptedException gone) {
      // The test is over.
    }
  }

  @Test
  void withoutAdminPortThereIsNothingToAsk() {
    Ran ran = Ran.command("health", "--admin-listen", "off");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("admin.listen is off: there is nothing to check");
  }

  private void answer(String path, int status) {
    admin.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
  }
}
