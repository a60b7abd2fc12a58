package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.HandshakeKey;
import dev.holdfast.protocol.TextFrame;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What requests, links and checks say to an upstream is the same. */
class UpstreamHeadsIT {
  private static final String PAGE = "GET /page HTTP/1.1";
  private static final String HEALTH = "GET /health HTTP/1.1";
  private static final String LINK = "GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1";

  /** With something for the next hop only, and something that nobody may claim. */
  private static final String CLIENT_HEADERS =
      """
      Host: shown.example:8443\r
      User-Agent: Mozilla/5.0\r
      Cookie: token=t; b=c\r
      Cookie: d=e\r
      X-Api-Key: of the proxy behind\r
      Accept-Language: de\r
      Traceparent: 00-1-2-00\r
      X-Forwarded-User: admin\r
      X-Real-IP: 1.2.3.4\r
      X-Hop: mine\r
      """;

  @ParameterizedTest
  @CsvSource({
    "client, shown.example:8443, shown.example",
    "upstream, 127.0.0.1:%d, 127.0.0.1:%d",
    "ui.internal, ui.internal, ui.internal",
  })
  void hostIsTheSameOnEachWay(String setting, String sent, String sentByChecks) throws Exception {
    try (Recorder upstream = new Recorder();
        TestNode node = node(upstream, setting);
        RawSockets sockets = new RawSockets()) {
      askAndConnect(node, sockets);

      String port = Integer.toString(upstream.port());
      assertThat(upstream.head(PAGE).get("host")).containsExactly(sent.replace("%d", port));
      assertThat(upstream.head(LINK).get("host")).containsExactly(sent.replace("%d", port));
      assertThat(upstream.first(HEALTH).get("host"))
          .containsExactly(sentByChecks.replace("%d", port));
      assertThat(upstream.first(LINK).get("host"))
          .containsExactly(sentByChecks.replace("%d", port));
    }
  }

  @Test
  void linkHasTheHeadersOfARequest() throws Exception {
    try (Recorder upstream = new Recorder();
        TestNode node = node(upstream, "client");
        RawSockets sockets = new RawSockets()) {
      askAndConnect(node, sockets);

      Map<String, List<String>> request = upstream.head(PAGE);
      Map<String, List<String>> link = new HashMap<>(upstream.head(LINK));
      List.of("connection", "upgrade", "sec-websocket-key", "sec-websocket-version")
          .forEach(name -> assertThat(link.remove(name)).as(name).hasSize(1));

      assertThat(link).isEqualTo(request);
      assertThat(link)
          .containsEntry("x-api-key", List.of("of the proxy behind"))
          .containsEntry("x-forwarded-for", List.of("127.0.0.1"))
          .containsEntry("x-forwarded-host", List.of("shown.example:8443"))
          .doesNotContainKeys("x-hop", "x-real-ip", "x-forwarded-user");
    }
  }

  private static TestNode node(Recorder upstream, String host) throws Exception {
    return TestNode.with(
        "upstreams",
        "http://127.0.0.1:" + upstream.port(),
        "upstream.host",
        host,
        "socketio.origins",
        "https://shown.example");
  }

  /** Returns when both have reached the upstream. */
  private static void askAndConnect(TestNode node, RawSockets sockets) throws IOException {
    String page = PAGE + "\r\n" + CLIENT_HEADERS + "Connection: x-hop\r\n\r\n";
    assertThat(RawSockets.answer(RawSockets.send(sockets.connect(node), page))).startsWith("200 ");
    Socket client = sockets.connect(node);
    RawSockets.send(
        client,
        LINK
            + "\r\n"
            + CLIENT_HEADERS
            + "Connection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    client.getOutputStream().write(TextFrame.masked("40"));
    InputStream in = client.getInputStream();
    StringBuilder seen = new StringBuilder();
    while (!seen.toString().contains("40{\"sid\":\"connected\"")) {
      int next = in.read();
      assertThat(next).as(seen.toString()).isNotNegative();
      seen.append((char) next);
    }
  }

  /** An upstream that notes the heads of its requests. */
  private static final class Recorder implements Closeable {
    private static final String OPEN =
        "0{\"sid\":\"x\",\"upgrades\":[],\"pingTimeout\":20000,\"pingInterval\":25000}";

    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    Recorder() throws IOException {
      start(this::accept);
    }

    private static void start(Runnable task) {
      Thread thread = new Thread(task, "recorder");
      thread.setDaemon(true);
      thread.start();
    }

    int port() {
      return listening.getLocalPort();
    }

    /** The last request with this line, which is the client's. */
    Map<String, List<String>> head(String line) {
      List<String> found = heads.stream().filter(it -> it.startsWith(line)).toList();
      return headers(found.get(found.size() - 1));
    }

    /** The first one, which is of a check. */
    Map<String, List<String>> first(String line) {
      return headers(heads.stream().filter(it -> it.startsWith(line)).findFirst().orElseThrow());
    }

    private static Map<String, List<String>> headers(String head) {
      Map<String, List<String>> headers = new HashMap<>();
      head.lines()
          .skip(1)
          .filter(line -> !line.isEmpty())
          .forEach(
              line ->
                  headers
                      .computeIfAbsent(
                          line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                          name -> new ArrayList<>())
                      .add(line.substring(line.indexOf(':') + 2)));
      return headers;
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = listening.accept();
          accepted.add(socket);
          start(() -> serve(socket));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void serve(Socket socket) {
      try {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
          int next = socket.getInputStream().read();
          if (next < 0) {
            return;
          }
          head.append((char) next);
        }
        heads.add(head.toString());
        if (head.toString().contains("Upgrade: websocket")) {
          upgrade(
              socket,
              headers(head.toString()).getOrDefault("sec-websocket-key", List.of("")).get(0));
        } else {
          write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
      } catch (IOException lost) {
        // Whoever asked is gone.
      }
    }

    private static void upgrade(Socket socket, String key) throws IOException {
      write(
          socket,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + HandshakeKey.accept(key)
              + "\r\n\r\n");
      text(socket, OPEN);
      // Of a client the first frame is its CONNECT; a check sends none.
      if (socket.getInputStream().read() == 0x81) {
        text(socket, "40{\"sid\":\"connected\"}");
        socket.getInputStream().readAllBytes();
      }
    }

    private static void text(Socket socket, String text) throws IOException {
      write(socket, "\u0081" + (char) text.length() + text);
    }

    private static void write(Socket socket, String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
      listening.close();
      for (Socket socket : accepted) {
        socket.close();
      }
    }
  }
}
