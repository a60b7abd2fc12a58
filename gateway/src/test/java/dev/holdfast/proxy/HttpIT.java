package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and responses arrive as they were sent. */
@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class HttpIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n";

  private final ProxyFixture proxy;
  private final RawPeer client;

  HttpIT() throws IOException {
    proxy = new ProxyFixture();
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void requestAndResponsePass() {
    client.send("GET /a?b=c HTTP/1.1\r\nHost: chat.example\r\nX-A: 1\r\nX-A: 2\r\n\r\n");

    RawPeer upstream = proxy.accept();
    String head = upstream.head();
    assertThat(head).startsWith("GET /a?b=c HTTP/1.1\r\n").contains("Host: chat.example\r\n");
    assertThat(head).contains("X-A: 1\r\n", "X-A: 2\r\n", "X-Forwarded-For: 127.0.0.1\r\n");
    upstream.send(
        "HTTP/1.1 203 So So\r\nContent-Length: 2\r\nDate: x\r\nX-B: \u00e9\r\nx-b: 2\r\n\r\nok");

    assertThat(client.head())
        .isEqualTo(
            "HTTP/1.1 203 So So\r\nContent-Length: 2\r\nDate: x\r\nX-B: \u00e9\r\nx-b: 2\r\n\r\n");
    assertThat(client.exactly(2)).isEqualTo("ok");
  }

  @Test
  void connectionsStayOpenOnBothSides() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    for (int i = 0; i < 3; i++) {
      upstream.head();
      upstream.send(OK);
      assertThat(client.response()).endsWith("ok");
      client.send(GET);
    }
    assertThat(upstream.head()).startsWith("GET / ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%2F%20%3b;a=b//..//./x%00?q=%2F&q=+&&=",
        "/a??b",
        "/a;jsessionid=1?x;y",
        "/{}|\"<>^`\\?{\"a\":[1]}",
        "/\u00c3\u00a9?\u00c3\u00a9",
        "/a%3Fb#c",
        "/\u00ff",
        "*",
        "//double",
        "/a/../b",
        "/?a=b?c",
      })
  void targetPassesByteForByte(String target) {
    String method = target.equals("*") ? "OPTIONS " : "GET ";

    String head = proxy.exchange(method + target + " HTTP/1.1\r\nHost: chat.example\r\n\r\n", OK);

    assertThat(head).startsWith(method + target + " HTTP/1.1\r\n");
  }

  @Test
  void targetInAbsoluteFormBecomesAPath() {
    String head =
        proxy.exchange("GET http://chat.example/a?b HTTP/1.1\r\nHost: chat.example\r\n\r\n", OK);

    assertThat(head).startsWith("GET /a?b HTTP/1.1\r\n");
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    client.send(GET + GET.replace("/ ", "/2 ") + GET.replace("/ ", "/3 "));

    RawPeer upstream = proxy.accept();
    for (String path : new String[] {"/", "/2", "/3"}) {
      assertThat(upstream.head()).startsWith("GET " + path + " ");
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (path + "x").substring(0, 2));
    }
    assertThat(client.response()).endsWith("\r\n\r\n/x");
    assertThat(client.response()).endsWith("\r\n\r\n/2");
    assertThat(client.response()).endsWith("\r\n\r\n/3");
  }

  @Test
  void hopByHopHeadersEndHere() {
    String head =
        proxy.exchange(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\n"
                + "Keep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: x\r\n"
                + "Proxy-Connection: keep-alive\r\nUpgrade: h2c\r\nCookie: a=b\r\n\r\n",
            OK);

    assertThat(head)
        .contains("Cookie: a=b\r\n")
        .doesNotContainIgnoringCase(
            "secret", "keep-alive", "te:", "proxy-", "upgrade", "connection");
  }

  @Test
  void hopByHopHeadersOfAResponseEndHere() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(
        "HTTP/1.1 200 OK\r\nConnection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n"
            + "Proxy-Authenticate: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n");

    assertThat(client.head())
        .contains("Set-Cookie: a\r\nSet-Cookie: b\r\n")
        .doesNotContainIgnoringCase("secret", "keep-alive", "proxy", "connection");
  }

  @Test
  void forwardedHeadersOfAStrangerAreReplaced() {
    String head =
        proxy.exchange(
            "GET / HTTP/1.1\r\nHost: chat.example\r\nX-Forwarded-For: 1.1.1.1\r\n"
                + "X-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\n"
                + "Forwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n\r\n",
            OK);

    assertThat(head)
        .contains("X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-Host: chat.example\r\n")
        .contains("X-Forwarded-Proto: http\r\n")
        .doesNotContain("1.1.1.1", "2.2.2.2", "evil", "https");
  }

  @Test
  void headResponseKeepsItsLengthAndHasNoBody() {
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + GET);
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).startsWith("HEAD / ");
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");

    assertThat(client.head()).contains("Content-Length: 1234\r\n");
    upstream.head();
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 99", "204 No Content"})
  void responseWithoutBodyLeavesTheConnectionInStep(String status) {
    client.send(GET + GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 " + status + "\r\nDate: x\r\n\r\n");

    assertThat(client.head()).isEqualTo("HTTP/1.1 " + status + "\r\nDate: x\r\n\r\n");
    upstream.head();
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void encodedAndPartialBodiesAreNotTouched() {
    String head =
        proxy.exchange(
            "GET / HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\nIf-None-Match: W/\"a\"\r\n"
                + "Accept-Encoding: gzip, br\r\n\r\n",
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Encoding: gzip\r\n"
                + "Content-Length: 2\r\n\r\n\u001f\u008b");

    assertThat(head).contains("Range: bytes=0-1\r\n", "If-None-Match: W/\"a\"\r\n", "gzip, br\r\n");
  }

  @Test
  void clientOfHttp10GetsABodyUntilClose() {
    client.send("GET / HTTP/1.0\r\n\r\n");
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head())
        .startsWith("GET / HTTP/1.1\r\n")
        .contains("Host: backend.example\r\n");
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");

    assertThat(client.head()).contains("Connection: close\r\n").doesNotContain("chunked");
    assertThat(client.rest()).isEqualTo("ok");
  }

  @Test
  void clientOfHttp10MayKeepItsConnection() {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(OK);
    assertThat(client.response()).contains("Connection: keep-alive\r\n");

    client.send("GET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(upstream.head()).startsWith("GET /2 ");
  }

  @Test
  void connectionIsClosedWhenTheClientWantsIt() {
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).doesNotContain("close");
    upstream.send(OK);

    assertThat(client.response()).contains("Connection: close\r\n");
    assertThat(client.ends()).isTrue();
  }

  @Test
  void headThatComesInPiecesIsReadAsOne() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    for (String piece : OK.split("(?<=\\G.{7})", -1)) {
      upstream.send(piece);
    }

    assertThat(client.response()).isEqualTo(OK);
  }

  @Test
  void connectMethodIsRefused() {
    client.send("CONNECT example:443 HTTP/1.1\r\nHost: example:443\r\n\r\n");

    assertThat(client.response()).startsWith("HTTP/1.1 501 ");
  }

  @Test
  void drainingClosesConnectionsBehindTheirResponse() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    assertThat(proxy.proxy().active()).isEqualTo(1);
    proxy.proxy().drain();
    upstream.send(OK);

    assertThat(client.response()).contains("Connection: close\r\n").endsWith("ok");
    assertThat(client.ends()).isTrue();
    proxy.await(() -> proxy.proxy().active() == 0);
  }
}
