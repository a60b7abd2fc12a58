package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpGetIT {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  @SuppressWarnings("NullAway.Init")
  private static CheckClient client;

  @BeforeAll
  static void open() throws IOException {
    client = CheckClient.open();
  }

  @AfterAll
  static void close() {
    client.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 OK;Content-Length: 2;;ok | 200 | ok",
        "200 OK;Content-Length: 2;;okHTTP/1.1 200 OK | 200 | ok",
        "200 OK;content-length: 0;; | 200 | ''",
        "200 OK;Transfer-Encoding: chunked;;2;he;3;llo;0;; | 200 | hello",
        "200 OK;;until the end | 200 | until the end",
        "100 Continue;;HTTP/1.1 103 Early Hints;Link: x;;HTTP/1.1 200 OK;Content-Length: 1;;x | 200 | x",
        "204 No Content;; | 204 | ''",
        "304 Not Modified;Content-Length: 9;; | 304 | ''",
        "404 Not Found;Content-Length: 2;;no | 404 | no",
      })
  void answerIsReadInWhateverPiecesItComes(String said, int status, String body) throws Throwable {
    String answer = "HTTP/1.1 " + said.replace(";", "\r\n");
    for (int cut = 0; cut < answer.length(); cut += 5) {
      try (Server server = new Server(answer, cut)) {
        assertThat(server.ask()).isEqualTo(new HttpGet.Answer(status, body));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | closed before its end",
        "HTTP/1.1 200 OK | closed before its end",
        "HTTP/1.1 200 OK;Content-Length: 3;;ok | closed before its end",
        "HTTP/1.1 200 OK;Transfer-Encoding: chunked;;2;he; | closed before its end",
        "HTTP/1.1 200 OK;Transfer-Encoding: chunked;;x; | malformed chunk size",
        "HTTP/1.1 200 OK;Content-Length: -1;; | its Content-Length is -1",
        "SSH-2.0-OpenSSH;; | malformed status line",
      })
  void whatIsNoAnswerIsNamed(String said, String why) throws Exception {
    try (Server server = new Server(said.replace(";", "\r\n"), said.length() / 2)) {
      assertThatThrownBy(server::ask).hasMessage("no HTTP answer: " + why);
    }
  }

  @Test
  void bodyIsBounded() throws Exception {
    String large = "x".repeat(HttpGet.MAX_BODY + 1);
    try (Server server = new Server("HTTP/1.1 200 OK\r\n\r\n" + large, 0)) {
      assertThatThrownBy(server::ask)
          .hasMessage("no HTTP answer: its body is larger than 1048576 bytes");
    }
  }

  @Test
  void headIsBounded() throws Exception {
    String large = "HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\n\r\n";
    try (Server server = new Server(large, 0)) {
      assertThatThrownBy(server::ask)
          .hasMessage("no HTTP answer: response head is larger than 16384 bytes");
    }
  }

  /** Says this to whoever asks, in two pieces, and closes. */
  private static final class Server implements Closeable {
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    Server(String answer, int cut) throws IOException {
      byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
      Thread thread = new Thread(() -> serve(bytes, cut), "answering-server");
      thread.setDaemon(true);
      thread.start();
    }

    private void serve(byte[] answer, int cut) {
      try (Socket socket = listening.accept()) {
        socket.setTcpNoDelay(true);
        StringBuilder request = new StringBuilder();
        while (!request.toString().endsWith("\r\n\r\n")) {
          request.append((char) socket.getInputStream().read());
        }
        OutputStream out = socket.getOutputStream();
        out.write(answer, 0, cut);
        out.write(answer, cut, answer.length - cut);
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      } catch (IOException closed) {
        // Whoever asked had enough.
      }
    }

    HttpGet.Answer ask() throws Throwable {
      int port = listening.getLocalPort();
      URI uri = URI.create("http://127.0.0.1:" + port);
      AddressLookup addresses =
          new AddressLookup("127.0.0.1", port, Runnable::run, InetAddress::getAllByName);
      addresses.refresh();
      Dialer dialer = new Dialer(uri, addresses, Optional.empty(), PATIENT, () -> {});
      byte[] request = CheckRequest.of(Settings.of(Map.of()), uri).page("/health");
      try {
        return HttpGet.send(dialer, client.thread(), request, PATIENT)
            .get(2 * PATIENT.toSeconds(), TimeUnit.SECONDS);
      } catch (ExecutionException failed) {
        throw failed.getCause() == null ? failed : failed.getCause();
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
