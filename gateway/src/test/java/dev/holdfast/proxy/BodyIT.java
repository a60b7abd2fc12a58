package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of both directions: at once, of any size, whole or visibly broken. */
@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class BodyIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final int MEBIBYTE = 1 << 20;

  private final ProxyFixture proxy;
  private final RawPeer client;

  BodyIT() throws IOException {
    proxy = new ProxyFixture();
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void eachEventOfAStreamArrivesBeforeTheNextIsSent() {
    RawPeer upstream = begun(CHUNKED);
    assertThat(client.head()).contains("Transfer-Encoding: chunked\r\n");

    for (int i = 0; i < 5; i++) {
      upstream.send("9\r\ndata: " + i + "\n\n\r\n");
      assertThat(client.until("\r\n")).isEqualTo("9\r\n");
      assertThat(client.exactly(11)).isEqualTo("data: " + i + "\n\n\r\n");
    }
    upstream.send("0\r\n\r\n");
    assertThat(client.until("\r\n\r\n")).isEqualTo("0\r\n\r\n");
  }

  @Test
  void bodyUntilCloseStreamsToo() {
    RawPeer upstream = begun("HTTP/1.1 200 OK\r\n\r\n");
    assertThat(client.head()).contains("Transfer-Encoding: chunked\r\n");

    upstream.send("one\n");
    assertThat(client.exactly(9)).isEqualTo("4\r\none\n\r\n");
    upstream.send("two");
    assertThat(client.exactly(8)).isEqualTo("3\r\ntwo\r\n");
    upstream.close();
    assertThat(client.exactly(5)).isEqualTo("0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Sum", "X-User-Email", "Cookie", "Content-Length", "X-Forwarded-For"})
  void trailersOfARequestAreDropped(String name) {
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
            + ("3\r\nabc\r\n0\r\n" + name + ": 1\r\n" + name + ": 2\r\n\r\n"));
    RawPeer upstream = proxy.accept();

    assertThat(upstream.head()).doesNotContain("Trailer");
    assertThat(upstream.until("0\r\n\r\n")).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
  }

  @Test
  void trailersOfAResponseArePassedOnUnlessTheyCouldChangeItsHead() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(
        CHUNKED
            + "2\r\nok\r\n0\r\nServer-Timing: x\r\nset-cookie: a=b\r\nContent-Length: 9\r\n"
            + "Keep-Alive: timeout=1\r\nX-Forwarded-For: 1.2.3.4\r\nFORWARDED: for=1.2.3.4\r\n"
            + "Access-Control-Allow-Origin: *\r\nX-Sum: 1\r\n\r\n");

    client.head();
    assertThat(client.until("\r\n\r\n"))
        .isEqualTo("2\r\nok\r\n0\r\nServer-Timing: x\r\nX-Sum: 1\r\n\r\n");
  }

  @Test
  void chunksAreWrittenAnewWithoutTheirExtensions() {
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3;a=b\r\nabc\r\n2\r\nde\r\n0;x\r\n\r\n"
            + GET);
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).contains("Transfer-Encoding: chunked\r\n");
    assertThat(upstream.until("0\r\n\r\n")).isEqualTo("5\r\nabcde\r\n0\r\n\r\n");
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");

    assertThat(upstream.head()).startsWith("GET / ");
    upstream.send(OK);
    assertThat(client.response()).endsWith("ok");
  }

  @Test
  void largeBodiesPassInBothDirectionsInConstantMemory() {
    int size = 48 * MEBIBYTE;
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    long before = directMemory();
    var sent = CompletableFuture.runAsync(() -> sendPattern(client, size));
    assertThat(countPattern(upstream, size)).isEqualTo(size);
    sent.join();

    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
    client.head();
    var back = CompletableFuture.runAsync(() -> sendPattern(upstream, size));
    assertThat(countPattern(client, size)).isEqualTo(size);
    back.join();
    assertThat(directMemory() - before).isLessThan(2 * MEBIBYTE);
  }

  @Test
  void sourceIsNotReadWhileTheSinkIsFull() {
    RawPeer upstream = begun(CHUNKED);
    client.head();
    long before = directMemory();
    byte[] chunk = ("10000\r\n" + "x".repeat(65536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    int most = 64 * MEBIBYTE;

    int sent = fill(upstream, chunk, most);

    assertThat(sent).as("bytes that fit into the sockets' buffers").isLessThan(most);
    assertThat(directMemory() - before).isLessThan(2 * MEBIBYTE);
  }

  @Test
  void upstreamThatGoesAwayInAChunkedBodyBreaksIt() {
    RawPeer upstream = begun(CHUNKED + "3\r\nabc\r\n");
    client.head();
    assertThat(client.exactly(8)).isEqualTo("3\r\nabc\r\n");
    upstream.close();

    assertThat(client.ends()).isTrue();
  }

  @Test
  void upstreamThatGoesAwayInAMeasuredBodyBreaksIt() {
    RawPeer upstream = begun("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    client.head();
    assertThat(client.exactly(3)).isEqualTo("abc");
    upstream.close();

    assertThat(client.ends()).isTrue();
  }

  @Test
  void bodyUntilCloseThatBreaksIsResetForOldClients() {
    client.send("GET / HTTP/1.0\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(CHUNKED + "3\r\nabc\r\n");
    client.head();
    assertThat(client.exactly(3)).isEqualTo("abc");
    upstream.close();

    assertThat(client.isReset()).isTrue();
  }

  @Test
  void malformedChunkOfTheUpstreamBreaksTheBody() {
    RawPeer upstream = begun(CHUNKED);
    client.head();
    upstream.send("3\r\nabcX\r\n");

    assertThat(client.ends()).isTrue();
    assertThat(upstream.ends()).isTrue();
  }

  @Test
  void stalledBodyIsBrokenOffAfterTheIdleTimeout() throws IOException {
    try (ProxyFixture impatient = new ProxyFixture("proxy.idle-timeout=1s")) {
      RawPeer waiting = impatient.client().send(GET);
      RawPeer upstream = impatient.accept();
      upstream.head();
      upstream.send(CHUNKED);
      waiting.head();

      assertThat(waiting.ends()).isTrue();
      assertThat(upstream.ends()).isTrue();
    }
  }

  @Test
  void clientThatGoesAwayBeforeTheResponseCancelsTheRequest() {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    client.close();

    assertThat(upstream.ends()).isTrue();
  }

  @Test
  void clientThatGoesAwayInTheBodyCancelsTheRequest() {
    RawPeer upstream = begun(CHUNKED);
    client.head();
    client.close();

    assertThat(upstream.ends()).isTrue();
  }

  @Test
  void clientThatGoesAwayWhileItSendsCancelsTheRequest() {
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    RawPeer upstream = proxy.accept();
    upstream.head();
    assertThat(upstream.exactly(3)).isEqualTo("abc");
    client.close();

    assertThat(upstream.ends()).isTrue();
  }

  @Test
  void earlyResponseArrivesAlthoughTheRequestIsNotReadToItsEnd() {
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nabc");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");

    String response = client.response();
    assertThat(response).startsWith("HTTP/1.1 413 ").contains("Connection: close\r\n");
    assertThat(client.ends()).isTrue();
    assertThat(upstream.rest()).isEqualTo("abc");
  }

  @Test
  void uploadThatIsRefusedEarlyIsDrained() throws IOException {
    int size = 10 * 1024 * 1024;
    RawPeer upstream = refusedEarly(client, size);
    assertThat(upstream.ends()).isTrue();

    sendPattern(client, size);

    assertThat(client.response()).startsWith("HTTP/1.1 413 ").endsWith("\r\n\r\nbig");
    assertThat(client.ends()).isTrue();
  }

  @Test
  void noMoreThanTheLimitIsDrained() throws IOException {
    try (ProxyFixture strict = new ProxyFixture("proxy.drain=100KiB")) {
      RawPeer uploading = strict.client();
      uploading.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
      RawPeer upstream = strict.accept();
      upstream.head();
      upstream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
      assertThat(upstream.ends()).isTrue();

      assertThatThrownBy(() -> sendPattern(uploading, 90_000_000))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  private RawPeer refusedEarly(RawPeer from, int size) {
    from.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    return upstream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
  }

  private RawPeer begun(String response) {
    client.send(GET);
    RawPeer upstream = proxy.accept();
    upstream.head();
    return upstream.send(response);
  }

  private static void sendPattern(RawPeer peer, int size) {
    byte[] block = new byte[64 * 1024];
    for (int at = 0; at < size; at += block.length) {
      for (int i = 0; i < block.length; i++) {
        block[i] = pattern(at + i);
      }
      peer.send(block);
    }
  }

  private static int countPattern(RawPeer peer, int size) {
    int right = 0;
    while (right < size) {
      String block = peer.exactly(64 * 1024);
      for (int i = 0; i < block.length(); i++) {
        if ((byte) block.charAt(i) != pattern(right + i)) {
          return right + i;
        }
      }
      right += block.length();
    }
    return right;
  }

  private static byte pattern(int at) {
    return (byte) ((at * 31) >> 3);
  }

  /** Sends until nobody takes anything for a while; how many bytes that were. */
  private static int fill(RawPeer peer, byte[] chunk, int most) {
    var sent = new AtomicInteger();
    var writer =
        CompletableFuture.runAsync(
            () -> {
              while (sent.get() < most) {
                peer.send(chunk);
                sent.addAndGet(chunk.length);
              }
            });
    int before;
    do {
      before = sent.get();
      pause(writer);
    } while (sent.get() > before && sent.get() < most);
    return sent.get();
  }

  private static void pause(CompletableFuture<Void> writer) {
    try {
      writer.get(700, TimeUnit.MILLISECONDS);
    } catch (TimeoutException stillSending) {
      assertThat(writer).isNotDone();
    } catch (InterruptedException | ExecutionException failed) {
      throw new AssertionError(failed);
    }
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getTotalCapacity)
        .sum();
  }
}
