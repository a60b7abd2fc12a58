package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a request whose connection ends before a byte of the response. */
class HoldIT {
  private static final String GET = "GET /models HTTP/1.1\r\nHost: h\r\n\r\n";

  private final ProxyFixture proxy = new ProxyFixture("proxy.hold=10m");
  private final RawPeer client = proxy.client();

  HoldIT() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void safeRequestIsHeldAndSentAgain() {
    client.send(GET);
    RawPeer stopping = proxy.accept();
    stopping.head();
    stopping.close();

    RawPeer started = proxy.accept();
    assertThat(started.head()).startsWith("GET /models ");
    started.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void requestThatEndsItTwiceIsNotSentAThirdTime() throws IOException {
    client.send(GET);
    for (int attempt = 0; attempt < 2; attempt++) {
      RawPeer upstream = proxy.accept();
      upstream.head();
      upstream.close();
    }

    assertThat(client.response()).startsWith("HTTP/1.1 502 ");
    assertThat(proxy.nobodyElseConnects()).isTrue();
  }

  @Test
  void responseThatHasBegunIsNotHeld() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 2").close();

    assertThat(client.response()).startsWith("HTTP/1.1 502 ");
  }

  @Test
  void navigationIsNotHeld() {
    client.send("GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.close();

    assertThat(client.response()).startsWith("HTTP/1.1 502 ").contains("http-equiv=\"refresh\"");
  }
}
