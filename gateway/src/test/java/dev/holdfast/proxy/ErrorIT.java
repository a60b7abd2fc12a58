package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is thrown while a request is passed on ends that request, and what it holds is free. */
class ErrorIT {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

  private final LogLines log = new LogLines();
  private final ProxyFixture proxy = new ProxyFixture("proxy.connections=1", "proxy.queue=1");

  ErrorIT() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    log.close();
  }

  private void isOver(RawPeer failed) {
    assertThat(failed.ends()).isTrue();
    proxy.await(() -> proxy.proxy().active() == 0);
    assertThat(log.traces()).containsExactly("a fault of the dialler");
    assertThat(proxy.internalErrors()).isEqualTo(1);
    // The place in the pool is free again.
    proxy.failsToDial(false);
    assertThat(proxy.exchange(GET, OK)).startsWith("GET / HTTP/1.1");
  }

  @Test
  void requestThatCannotBeDialledForIsOver() {
    proxy.failsToDial(true);
    RawPeer client = proxy.client().send(GET);

    isOver(client);
  }

  @Test
  void requestThatWaitedForItsConnectionIsOver() throws IOException {
    RawPeer first = proxy.client().send(GET);
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).startsWith("GET");
    RawPeer second = proxy.client().send(GET);
    proxy.await(() -> proxy.proxy().active() == 2);

    proxy.failsToDial(true);
    upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");

    assertThat(first.response()).endsWith("ok");
    isOver(second);
  }

  static Stream<Throwable> faults() {
    return Stream.of(
        new StackOverflowError("a fault of the routes"),
        new IllegalStateException("a fault of the routes"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void requestThatCannotBeRoutedIsOverAndNoOther(Throwable fault) throws IOException {
    RawPeer other = proxy.client().send(GET);
    RawPeer upstream = proxy.accept();
    assertThat(upstream.head()).startsWith("GET");
    proxy.whileRouting(
        () -> {
          if (fault instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) fault;
        });

    RawPeer failing = proxy.client().send(GET);

    assertThat(failing.ends()).isTrue();
    proxy.await(() -> proxy.proxy().active() == 1);
    assertThat(log.traces()).containsExactly("a fault of the routes");
    assertThat(proxy.internalErrors()).isEqualTo(1);
    upstream.send(OK);
    assertThat(other.response()).endsWith("ok");
  }
}
