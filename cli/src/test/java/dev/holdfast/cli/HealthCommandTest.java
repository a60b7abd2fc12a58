package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

  @Test
  void withoutAdminPortThereIsNothingToAsk() {
    Ran ran = Ran.command("health", "--admin-listen", "off");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("admin.listen is off: nothing to ask");
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
