package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** 1xx responses, and requests that wait for one. */
class InterimIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String EXPECTING =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

  private final ProxyFixture proxy;
  private final RawPeer client;

  InterimIT() throws IOException {
    proxy = new ProxyFixture();
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void earlyHintsPassAndLeaveTheConnectionInStep() {
    for (int i = 0; i < 3; i++) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    RawPeer upstream = proxy.accept();
    for (int i = 0; i < 3; i++) {
      upstream.head();
      upstream.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      assertThat(client.head()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      upstream.send("HTTP/1.1 102 Processing\r\n\r\n" + OK);
      assertThat(client.head()).startsWith("HTTP/1.1 102 ");
      assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
    }
  }

  @Test
  void clientOfHttp10GetsNoInterimResponse() {
    client.send("GET / HTTP/1.0\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 103 Early Hints\r\n\r\n" + OK);

    assertThat(client.head()).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void bodyIsSentWhenTheUpstreamAsksForIt() {
    client.send(EXPECTING);
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).contains("Expect: 100-continue\r\n");
    upstream.send(CONTINUE);
    assertThat(client.head()).isEqualTo(CONTINUE);
    client.send("abc");

    assertThat(upstream.exactly(3)).isEqualTo("abc");
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void upstreamThatIgnoresTheExpectationGetsTheBodyAllTheSame() {
    client.send(EXPECTING);
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(client.head()).isEqualTo(CONTINUE);
    client.send("abc");
    assertThat(upstream.exactly(3)).isEqualTo("abc");
    upstream.send(CONTINUE + OK);
    assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
  }

  @Test
  void clientThatDoesNotWaitIsNotHeldUp() {
    client.send(EXPECTING + "abc");
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(upstream.exactly(3)).isEqualTo("abc");
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void refusalInsteadOfTheContinueArrivesWithoutTheBody() {
    client.send(EXPECTING);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");

    assertThat(client.head()).startsWith("HTTP/1.1 417 ").contains("Connection: close\r\n");
  }
}
