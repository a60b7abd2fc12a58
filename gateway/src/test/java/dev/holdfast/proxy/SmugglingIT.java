package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What proxies and servers have read differently is refused, or passed on so that it cannot be. */
@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class SmugglingIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\n";

  private final ProxyFixture proxy;
  private final RawPeer client;

  SmugglingIT() throws IOException {
    proxy = new ProxyFixture("limits.header=8KiB");
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        POST + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        POST + "Content-Length: 1, 1\r\n\r\na",
        POST + "Content-Length: +1\r\n\r\na",
        POST + "Content-Length: -1\r\n\r\na",
        POST + "Content-Length: 0x1\r\n\r\na",
        POST + "Content-Length: 1 1\r\n\r\na",
        POST + "Content-Length:\r\n\r\na",
        POST + "Content-Length: 18446744073709551617\r\n\r\na",
        POST + "Content-Length: 9223372036854775808\r\n\r\na",
        POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + "Content-Length : 1\r\n\r\na",
        "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\nX: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n(: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nNoColon\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
        "GET /a\u0001b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h/../\r\n\r\n",
      })
  void unclearRequestIsRefusedAndItsConnectionClosed(String request) throws IOException {
    client.send(request);

    assertThat(client.head()).startsWith("HTTP/1.1 400 ");
    client.rest();
    assertThat(proxy.nobodyElseConnects()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\n\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "g\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3;a\nb\r\nabc\r\n0\r\n\r\n",
        "3;a\rb\r\nabc\r\n0\r\n\r\n",
        "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "0\r\nX : 1\r\n\r\n",
        "0\r\nNoColon\r\n\r\n",
        "0\r\nX: 1\n\r\n",
      })
  void unclearChunkIsRefusedAndNeverCompletes(String body) {
    client.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + body);
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(upstream.rest()).doesNotContain("0\r\n\r\n");
    assertThat(client.head()).startsWith("HTTP/1.1 400 ").contains("Connection: close\r\n");
  }

  @Test
  void chunkExtensionOfAnyLengthIsBounded() {
    client.send(POST + "Transfer-Encoding: chunked\r\n\r\n3;" + "x".repeat(2000));
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(client.head()).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void trailersOfAnyLengthAreBounded() {
    client.send(POST + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + "x".repeat(9000));
    RawPeer upstream = proxy.accept();
    upstream.head();

    assertThat(client.head()).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void codingIsPassedOnInOneSpelling() {
    client.send(POST + "transfer-encoding: ChUnKeD\r\n\r\n1\r\na\r\n0\r\n\r\n");
    RawPeer upstream = proxy.accept();

    assertThat(upstream.head()).contains("Transfer-Encoding: chunked\r\n").doesNotContain("ChUn");
    assertThat(upstream.until("0\r\n\r\n")).isEqualTo("1\r\na\r\n0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X: a\r\n  b\r\n\tc\r\n", "Transfer-Encoding:\r\n chunked\r\n"})
  void foldedHeaderIsRefused(String folded) {
    client.send(POST + folded + "\r\n1\r\na\r\n0\r\n\r\n");

    assertThat(client.head()).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void bodyOfAGetIsNotTheNextRequest() {
    String inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    client.send(
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: " + inner.length() + "\r\n\r\n" + inner);
    RawPeer upstream = proxy.accept();

    assertThat(upstream.head()).contains("Content-Length: " + inner.length() + "\r\n");
    assertThat(upstream.exactly(inner.length())).isEqualTo(inner);
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void oversizedHeadersAreRefused() {
    client.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(9000) + "\r\n\r\n");

    assertThat(client.head()).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void nominatedFramingHeadersStayInForce() {
    client.send(POST + "Connection: Content-Length, Host\r\nContent-Length: 1\r\n\r\na");
    RawPeer upstream = proxy.accept();

    assertThat(upstream.head()).contains("Content-Length: 1\r\n", "Host: h\r\n");
    assertThat(upstream.exactly(1)).isEqualTo("a");
  }

  @Test
  void upgradeToHttp2IsNotPassedOn() {
    String head =
        proxy.exchange(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
            OK);

    assertThat(head).doesNotContainIgnoringCase("h2c", "http2-settings", "upgrade");
  }
}
