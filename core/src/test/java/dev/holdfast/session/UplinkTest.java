package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.time.ErrorBoundary;
import org.junit.jupiter.api.Test;

class UplinkTest {
  private final BufferPool pool = new BufferPool(BufferPool.BLOCK);
  private final Uplink uplink =
      new Uplink(
          new ForwardBuffer(pool, 1000),
          new ForwardBuffer(pool, 1000),
          new Calls(0),
          "40/chat,".getBytes(US_ASCII),
          reply -> {},
          new ErrorBoundary("a test", () -> {}));

  /** A client with two namespaces connects to both at once. */
  @Test
  void connectThatWaitsForItsLinkIsNotReplacedByTheNext() {
    FakeConnection link = new FakeConnection(true);
    link.taking = false;
    uplink.dial(listener -> link, new QuietListener());

    uplink.connectAgain("40{}".getBytes(US_ASCII));
    link.taking = true;
    uplink.writable();

    assertThat(link.packets).containsExactly("40/chat,");
  }

  @Test
  void laterLinksStartWithTheLastConnect() {
    uplink.dial(listener -> new FakeConnection(true), new QuietListener());
    uplink.connectAgain("40{}".getBytes(US_ASCII));
    uplink.lost();

    FakeConnection next = new FakeConnection(true);
    uplink.dial(listener -> next, new QuietListener());

    assertThat(next.packets).containsExactly("40{}");
  }
}
