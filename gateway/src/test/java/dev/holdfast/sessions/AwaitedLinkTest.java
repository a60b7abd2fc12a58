package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.QuietListener;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AwaitedLinkTest {
  private final NodeLinkFixture fixture = new NodeLinkFixture();
  private final AwaitedLink awaited = new AwaitedLink();

  private boolean send() {
    return awaited.send(ByteBuffer.wrap(TextFrame.masked("42[\"a\"]")));
  }

  private void open() {
    awaited.is(new RemoteLink(fixture.link, () -> {}).heardBy(new QuietListener()));
  }

  @Test
  void takesNothingWhileItIsAwaited() {
    assertThat(send()).isFalse();
    assertThat(awaited.isFlushed()).isTrue();

    open();

    assertThat(send()).isTrue();
    assertThat(fixture.node.sent()).endsWith("42[\"a\"]");
  }

  @Test
  void isFlushedWhenItsLinkIs() {
    open();
    assertThat(awaited.isFlushed()).isTrue();

    fixture.block();
    assertThat(awaited.isFlushed()).isFalse();
    fixture.node.takeAll();

    assertThat(awaited.isFlushed()).isTrue();
  }

  @Test
  void reasonsNotToReadThatAreLeftPassToTheLink() {
    awaited.pauseReads(PauseReason.SLOW_PEER);
    awaited.pauseReads(PauseReason.PENDING);
    awaited.resumeReads(PauseReason.PENDING);

    open();
    assertThat(fixture.node.isReading()).isFalse();
    awaited.resumeReads(PauseReason.SLOW_PEER);
    assertThat(fixture.node.isReading()).isTrue();
    awaited.pauseReads(PauseReason.PENDING);

    assertThat(fixture.node.isReading()).isFalse();
  }

  @Test
  void isNotWantedOnceItIsClosedThoughItNeverAskedForAPermit() {
    assertThat(awaited.isWanted()).isTrue();

    awaited.close(CloseReason.CLIENT_CLOSED);

    assertThat(awaited.isWanted()).isFalse();
  }

  @Test
  void linkIsClosedWithIt() {
    open();

    awaited.close(CloseReason.CLIENT_CLOSED);

    assertThat(fixture.node.sent()).endsWith("close 1000");
  }
}
