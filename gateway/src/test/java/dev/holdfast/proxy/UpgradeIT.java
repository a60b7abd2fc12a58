package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that switch to another protocol. */
@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class UpgradeIT {
  private static final String UPGRADE =
      "GET /api/v1/terminals/a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
          + "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n";
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: a\r\n\r\n";

  private final ProxyFixture proxy;
  private final RawPeer client;

  UpgradeIT() throws IOException {
    proxy = new ProxyFixture();
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void bytesPassBothWaysWithThoseBehindTheHeads() {
    client.send(UPGRADE + "early");
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head())
        .contains("Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "Sec-WebSocket-Key: k\r\n")
        .doesNotContain("keep-alive");
    upstream.send(SWITCHING + "first\0\u00ff");

    assertThat(client.head())
        .startsWith("HTTP/1.1 101 ")
        .contains(
            "Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "Sec-WebSocket-Accept: a\r\n");
    assertThat(client.exactly(7)).isEqualTo("first\0\u00ff");
    assertThat(upstream.exactly(5)).isEqualTo("early");
    client.send("ping\u0080");
    assertThat(upstream.exactly(5)).isEqualTo("ping\u0080");
    upstream.send("pong");
    assertThat(client.exactly(4)).isEqualTo("pong");
  }

  @Test
  void endOfEitherSideReachesTheOther() {
    RawPeer upstream = opened();
    upstream.send("\u0088\u0002\u000f\u00a1").close();

    assertThat(client.rest()).isEqualTo("\u0088\u0002\u000f\u00a1");
  }

  @Test
  void halfClosedDirectionLeavesTheOtherOpen() {
    RawPeer upstream = opened();
    client.shutdownOutput();
    assertThat(upstream.rest()).isEmpty();

    upstream.send("late");
    assertThat(client.exactly(4)).isEqualTo("late");
    upstream.close();
    assertThat(client.ends()).isTrue();
  }

  @Test
  void refusedUpgradeIsAnOrdinaryResponse() {
    client.send(UPGRADE);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

    assertThat(client.response()).startsWith("HTTP/1.1 403 ").endsWith("no");
    client.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(upstream.head()).startsWith("GET /next ");
  }

  @Test
  void openOnesAreCountedAndClosedWithTheProxy() {
    RawPeer upstream = opened();
    assertThat(proxy.proxy().active()).isEqualTo(1);

    proxy.proxy().close();

    assertThat(client.ends()).isTrue();
    assertThat(upstream.ends()).isTrue();
    proxy.await(() -> proxy.proxy().active() == 0);
  }

  @Test
  void silentOneIsClosedAfterTheIdleTimeout() throws IOException {
    try (ProxyFixture impatient = new ProxyFixture("proxy.idle-timeout=1s")) {
      RawPeer silent = impatient.client();
      RawPeer upstream = opened(impatient, silent);

      assertThat(silent.ends()).isTrue();
      assertThat(upstream.ends()).isTrue();
    }
  }

  private RawPeer opened() {
    return opened(proxy, client);
  }

  private static RawPeer opened(ProxyFixture through, RawPeer client) {
    client.send(UPGRADE);
    RawPeer upstream = through.accept();
    upstream.head();
    upstream.send(SWITCHING + "x");
    client.head();
    assertThat(client.exactly(1)).isEqualTo("x");
    return upstream;
  }
}
