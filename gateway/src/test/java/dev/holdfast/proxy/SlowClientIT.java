package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that neither sends nor reads keeps nothing of the upstream. */
class SlowClientIT {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\n";

  /** More than the buffers of all sockets on the way. */
  private static final int LARGE = 16 << 20;

  private final ProxyFixture proxy =
      new ProxyFixture("proxy.body-timeout=200ms", "proxy.unread-timeout=200ms");

  SlowClientIT() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\n",
        "Content-Length: 5\r\n\r\n1234",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n12",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n12\r\n0\r\n",
      })
  void bodyThatDoesNotComeIsAnsweredWith408(String begun) {
    RawPeer client = proxy.client().send(POST + begun);
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(client.response())
        .startsWith("HTTP/1.1 408 Request Timeout\r\n")
        .contains("Connection: close\r\n")
        .endsWith("{\"detail\":\"The rest of the request did not arrive in time.\"}");
    proxy.await(() -> proxy.proxy().active() == 0);
  }

  @Test
  void upstreamThatIsSlowToTakeTheBodyIsNotTheClientsFault() throws Exception {
    // The thread that sends has to begin within it.
    try (ProxyFixture patient = new ProxyFixture("proxy.body-timeout=1s")) {
      RawPeer client = patient.client().send(POST + "Content-Length: " + LARGE + "\r\n\r\n");
      RawPeer upstream = patient.accept();
      upstream.head();
      Thread sending = new Thread(() -> client.send(new byte[LARGE]));
      sending.start();
      for (int i = 0; i < 2; i++) {
        // Meanwhile the time of another one is over.
        RawPeer late = patient.client().send(POST + "Content-Length: 1\r\n\r\n");
        patient.accept();
        assertThat(late.response()).startsWith("HTTP/1.1 408 ");
      }

      assertThat(upstream.exactly(LARGE)).hasSize(LARGE);
      sending.join();
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      assertThat(client.response()).endsWith("ok");
    }
  }

  @Test
  void responseThatNobodyReadsIsBrokenOff() {
    proxy.client().send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");

    floods(upstream);
    proxy.await(() -> proxy.proxy().active() == 0);
  }

  @Test
  void tunnelWhoseClientDoesNotReadIsClosed() {
    floods(tunnel(proxy).upstream());
    proxy.await(() -> proxy.proxy().active() == 0);
  }

  /** Requests that wait for the upstream are not. */
  @Test
  void oldestTunnelOfWhoHasMostIsCutWhenConnectionsAreShort() throws IOException {
    try (ProxyFixture few = new ProxyFixture("proxy.connections=10")) {
      RawPeer oldest = tunnel(few).client();
      for (int i = 0; i < 7; i++) {
        tunnel(few);
      }

      RawPeer other = few.client("127.0.0.2").send(GET);
      RawPeer upstream = few.accept();
      upstream.head();
      few.client("127.0.0.2").send(GET);
      few.accept().head();

      assertThat(oldest.ends()).isTrue();
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      assertThat(other.response()).endsWith("ok");
      few.await(() -> few.proxy().active() == 8);
    }
  }

  private record Ends(RawPeer client, RawPeer upstream) {}

  private static Ends tunnel(ProxyFixture through) {
    RawPeer client =
        through
            .client()
            .send("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
    RawPeer upstream = through.accept();
    upstream.head();
    upstream.send("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
    client.head();
    return new Ends(client, upstream);
  }

  /** Until the proxy closes the connection. */
  private static void floods(RawPeer upstream) {
    try {
      upstream.send(new byte[LARGE]);
      assertThat(upstream.ends()).isTrue();
    } catch (UncheckedIOException closed) {
      assertThat(closed).hasCauseInstanceOf(SocketException.class);
    }
  }
}
