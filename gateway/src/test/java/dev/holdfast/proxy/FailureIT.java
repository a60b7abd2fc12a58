package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sees when the upstream is away, slow, full or wrong. */
class FailureIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

  private final ProxyFixture proxy;
  private final RawPeer client;

  FailureIT() throws IOException {
    proxy = new ProxyFixture("proxy.hold=0s", "proxy.connections=1", "proxy.queue=1");
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Accept: text/html,*/*", "Accept: */*\r\nSec-Fetch-Mode: navigate"})
  void navigationGetsAPageThatLoadsItselfAgain(String headers) throws IOException {
    proxy.stopBackend();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n\r\n");

    assertThat(client.response())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("Content-Type: text/html; charset=utf-8\r\n", "Retry-After: 3\r\n")
        .contains("http-equiv=\"refresh\"", "<h1>Open WebUI is starting");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/config HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nSec-Fetch-Mode: cors\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nContent-Length: 1\r\n\r\nx",
      })
  void everybodyElseGetsJson(String request) throws IOException {
    proxy.stopBackend();
    client.send(request);

    assertThat(client.response())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("Content-Type: application/json\r\n", "Retry-After: 3\r\n")
        .endsWith("{\"detail\":\"Open WebUI cannot be reached.\"}");
  }

  @Test
  void answerOfOursToHeadHasNoBody() throws IOException {
    proxy.stopBackend();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");

    assertThat(client.head()).startsWith("HTTP/1.1 503 ");
    assertThat(client.head()).startsWith("HTTP/1.1 503 ");
  }

  @Test
  void upstreamThatDoesNotAnswerIsGivenUpAfterTheResponseTimeout() throws IOException {
    try (ProxyFixture impatient = new ProxyFixture("proxy.response-timeout=400ms")) {
      RawPeer waiting = impatient.client().send(GET);
      RawPeer upstream = impatient.accept();
      upstream.head();

      assertThat(waiting.response()).startsWith("HTTP/1.1 504 Gateway Timeout\r\n");
      assertThat(upstream.ends()).isTrue();
    }
  }

  @Test
  void requestsWaitForAConnectionInAQueueOfBoundedLength() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    RawPeer second = proxy.client().send(GET.replace("/ ", "/2 "));
    proxy.await(() -> proxy.proxy().active() == 2);

    assertThat(proxy.client().send(GET).response())
        .startsWith("HTTP/1.1 503 ")
        .contains("Retry-After: 3\r\n");
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
    assertThat(upstream.head()).startsWith("GET /2 ");
    upstream.send(OK);
    assertThat(second.response()).endsWith("ok");
  }

  @Test
  void requestThatWaitsTooLongIsRefused() throws IOException {
    try (ProxyFixture impatient =
        new ProxyFixture("proxy.connections=1", "proxy.queue=1", "proxy.queue-timeout=400ms")) {
      RawPeer first = impatient.client().send(GET);
      RawPeer upstream = impatient.accept();
      upstream.head();
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
      first.head();

      assertThat(impatient.client().send(GET).response())
          .startsWith("HTTP/1.1 503 ")
          .contains("Retry-After: 3\r\n");
    }
  }

  @Test
  void waitingClientThatGoesAwayLeavesTheQueue() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
    client.head();
    RawPeer second = proxy.client().send(GET.replace("/ ", "/gone "));
    proxy.await(() -> proxy.proxy().active() == 2);
    second.close();
    proxy.await(() -> proxy.proxy().active() == 1);
    RawPeer third = proxy.client().send(GET.replace("/ ", "/third "));
    upstream.send("k");

    String next = upstream.head();
    assertThat(next).startsWith("GET /third ");
    upstream.send(OK);
    assertThat(third.response()).endsWith("ok");
  }

  @Test
  void connectionThatTheUpstreamHasClosedCostsNothing() {
    client.send(GET);
    RawPeer first = proxy.accept();
    first.head();
    first.send(OK);
    assertThat(client.response()).endsWith("ok");
    first.close();

    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    RawPeer second = proxy.accept();
    second.head();
    second.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void safeRequestIsSentAgainWhenAUsedConnectionEndsUnderIt() {
    RawPeer upstream = usedConnection();
    client.send(GET.replace("/ ", "/again "));
    assertThat(upstream.head()).startsWith("GET /again ");
    upstream.close();

    RawPeer second = proxy.accept();
    assertThat(second.head()).startsWith("GET /again ");
    second.close();
    assertThat(client.response()).startsWith("HTTP/1.1 502 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
  void otherRequestsAreNeverSentTwice(String method) throws IOException {
    RawPeer upstream = usedConnection();
    client.send(method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    upstream.head();
    upstream.reset();

    assertThat(client.response()).startsWith("HTTP/1.1 502 ");
    assertThat(proxy.nobodyElseConnects()).isTrue();
  }

  @Test
  void requestIsNotSentAgainOnceAResponseHasBegun() throws IOException {
    RawPeer upstream = usedConnection();
    client.send(GET);
    upstream.head();
    upstream.send("HTTP/1.1 2").close();

    assertThat(client.response()).startsWith("HTTP/1.1 502 ");
    assertThat(proxy.nobodyElseConnects()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK\nContent-Length: 0\n\n'",
    "'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'",
    "'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'",
    "'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na'",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'",
    "'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'",
    "'HTTP/1.1 200 OK\r\nX : 1\r\n\r\n'",
    "'HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n'",
    "'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'",
    "'SSH-2.0-OpenSSH\r\n\r\n'",
  })
  void responseThatCanBeReadInTwoWaysIsRefused(String response) {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(response);

    assertThat(client.response()).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
    assertThat(upstream.ends()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "g\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3;a\nb\r\nabc\r\n0\r\n\r\n",
        "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "0\r\nX : 1\r\n\r\n",
        "0\r\nX: 1\n\r\n",
      })
  void bodyThatCannotBeReadIsAnsweredWhileNothingWasWritten(String body) {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(head + body);

    assertThat(client.response()).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
    assertThat(upstream.ends()).isTrue();
    // The client's connection is still of use.
    client.send(GET);
    proxy.accept().send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void unusedConnectionWithAResponseThatNobodyAskedForIsNotUsedAgain() {
    RawPeer upstream = usedConnection();

    proxy.whileItStandsStill(
        () -> {
          // The thread that sees both looks at the client first.
          client.send(GET);
          upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
        });
    proxy.accept().send(OK);

    assertThat(client.response()).endsWith("ok");
    assertThat(upstream.ends()).isTrue();
  }

  @Test
  void connectionWithMoreThanItsResponseIsNotUsedAgain() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    assertThat(client.response()).endsWith("ok");

    client.send(GET);
    RawPeer second = proxy.accept();
    second.head();
    second.send(OK);
    assertThat(client.response()).endsWith("ok");
    assertThat(upstream.ends()).isTrue();
  }

  private RawPeer usedConnection() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(OK);
    client.response();
    return upstream;
  }
}
