package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.demo.StandIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that may open few descriptors, and clients that would take all of them. */
@Timeout(120)
class DescriptorsIT {
  /** Below the 30 s for which XNIO stops accepting when a descriptor is missing. */
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(DEADLINE).build();
  private StandIn upstream;

  @BeforeEach
  void startUpstream() throws IOException {
    upstream = StandIn.start();
  }

  @AfterEach
  void stopUpstream() {
    upstream.close();
  }

  private Jar serve(int descriptors, String... settings) throws IOException {
    List<String> options = new ArrayList<>(List.of("--listen", "127.0.0.1:0"));
    options.addAll(List.of("--admin-listen", "127.0.0.1:0"));
    options.addAll(List.of("--upstream", ServeCommand.url("http", upstream.address())));
    options.addAll(List.of("--set", "upstream.health-interval=500ms"));
    options.addAll(List.of(settings));
    return Jar.serveWith(descriptors, options);
  }

  /** To an address of its own, so that it is not the client that asks for sessions. */
  private static void bind(Socket socket) throws IOException {
    InetAddress other = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    socket.bind(new InetSocketAddress(other, 0));
  }

  /** Many connections of one client, each with a head that never ends. */
  private static final class Flood {
    private final List<Socket> sockets = new ArrayList<>();

    Flood(URI node, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        Socket socket = new Socket();
        sockets.add(socket);
        bind(socket);
        try {
          socket.connect(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), node.getPort()), 2_000);
          socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException refused) {
          // That is what is to happen to most of them.
        }
      }
    }

    void end() throws IOException {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.timeout(DEADLINE).build(), HttpResponse.BodyHandlers.ofString());
  }

  private void isReady(URI admin) throws Exception {
    while (send(HttpRequest.newBuilder(admin.resolve("/readyz"))).statusCode() != 200) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** A whole session over polling, with a link of its own. */
  private void isServed(URI node) throws Exception {
    URI engine = node.resolve("/ws/socket.io/?EIO=4&transport=polling");
    String open = send(HttpRequest.newBuilder(engine)).body();
    String sid = open.replaceFirst(".*\"sid\":\"([^\"]+)\".*", "$1");
    URI session = URI.create(engine + "&sid=" + sid);
    assertThat(
            send(HttpRequest.newBuilder(session).POST(HttpRequest.BodyPublishers.ofString("40")))
                .body())
        .isEqualTo("ok");
    assertThat(send(HttpRequest.newBuilder(session)).body()).startsWith("40{\"sid\":");
  }

  /** What another client gets, who shares no connection with the ones before. */
  private static boolean isAnswered(URI node) throws IOException {
    try (Socket socket = new Socket()) {
      bind(socket);
      socket.setSoTimeout((int) DEADLINE.toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.getPort()));
      socket
          .getOutputStream()
          .write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == 'H';
    }
  }

  private static final String UPGRADE =
      """
      GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r
      Host: x\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  /** A text frame with the packet CONNECT, its mask all zeros. */
  private static final byte[] CONNECT = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, '4', '0'};

  /** A client that opens a session over WebSocket, of which the link is the other descriptor. */
  private static Socket session(URI node) throws IOException {
    Socket socket = new Socket();
    bind(socket);
    socket.setSoTimeout((int) DEADLINE.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.getPort()));
    // At once: there may be nobody any more for a second write.
    byte[] upgrade = UPGRADE.getBytes(StandardCharsets.US_ASCII);
    socket
        .getOutputStream()
        .write(
            ByteBuffer.allocate(upgrade.length + CONNECT.length).put(upgrade).put(CONNECT).array());
    return socket;
  }

  /** Whether its session gets a link; one that is not accepted is closed before a byte comes. */
  private static boolean isLinked(Socket socket) throws IOException {
    StringBuilder read = new StringBuilder();
    try {
      while (!read.toString().contains("40{\"sid\":")) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          throw new SocketException("closed");
        }
        read.append((char) next);
      }
      return true;
    } catch (SocketException closed) {
      assertThat(read.toString()).isEmpty();
      return false;
    }
  }

  /** As many sessions as are configured need more descriptors than there are, with their links. */
  @Test
  void whoIsAcceptedHasALink() throws Exception {
    try (Jar jar = serve(512, "--set", "limits.connections=280")) {
      jar.awaitLine("limits.connections is 280, but");
      URI admin = URI.create(jar.awaitUrl("admin on "));
      URI node = URI.create(jar.awaitUrl("listening on "));
      isReady(admin);
      List<Socket> sessions = new ArrayList<>();
      try {
        for (int i = 0; i < 200; i++) {
          sessions.add(session(node));
        }
        assertThat(send(HttpRequest.newBuilder(admin.resolve("/healthz"))).statusCode())
            .isEqualTo(200);
        int linked = 0;
        for (Socket socket : sessions) {
          linked += isLinked(socket) ? 1 : 0;
        }
        assertThat(linked).isGreaterThan(100);
      } finally {
        for (Socket socket : sessions) {
          socket.close();
        }
      }

      assertThat(isAnswered(node)).isTrue();
    }
  }

  @Test
  void clientThatOpensThousandsStopsNobodyElse() throws Exception {
    try (Jar jar = serve(256)) {
      URI admin = URI.create(jar.awaitUrl("admin on "));
      URI node = URI.create(jar.awaitUrl("listening on "));
      isReady(admin);

      Flood flood = new Flood(node, 600);
      try {
        assertThat(send(HttpRequest.newBuilder(admin.resolve("/healthz"))).statusCode())
            .isEqualTo(200);
        isServed(node);
        assertThat(send(HttpRequest.newBuilder(admin.resolve("/metrics"))).body())
            .contains("holdfast_quota_taken{resource=\"connections\"}");
      } finally {
        flood.end();
      }

      assertThat(isAnswered(node)).isTrue();
    }
  }
}
