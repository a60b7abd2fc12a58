package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import dev.holdfast.upstream.ManualPeer.Fault;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamLinkEndTest extends UpstreamLinkFixture {
  @Test
  void nothingBehindAnEngineIoCloseIsDelivered() {
    open();

    peer.say("42[1]", "1", "42[2]");
    peer.close(1000, "");

    assertThat(heard.events).containsExactly("42[1]", "closed UPSTREAM_CLOSED");
    assertThat(peer.sent()).as("an answer, and no complaint").containsExactly("close:1000");
    assertThat(openLinks()).isZero();
  }

  @Test
  void connectionIsClosedThoughTheUpstreamKeepsItOpenBehindItsEngineIoClose() {
    open();

    peer.say("1");
    assertThat(peer.sent()).containsExactly("close:1000");
    peer.passTime(Duration.ofSeconds(3));

    assertThat(peer.isOpen()).isFalse();
    assertThat(peer.timers()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1000, UPSTREAM_CLOSED",
    "1001, UPSTREAM_CLOSED",
    "1002, UPSTREAM_BLAMED",
    "1007, UPSTREAM_BLAMED",
    "1008, UPSTREAM_CLOSED",
    "1009, UPSTREAM_BLAMED",
    "1011, UPSTREAM_CLOSED"
  })
  void closeCodeTellsWhetherTheUpstreamBlamesTheClient(int code, CloseReason reason) {
    open();

    peer.close(code, "");

    assertThat(heard.events).containsExactly("batch end", "closed " + reason);
  }

  @Test
  void packetThatNoUpstreamMaySendEndsTheLink() {
    open();

    peer.say("5");

    assertThat(heard.events).containsExactly("batch end", "closed UPSTREAM_PROTOCOL");
    assertThat(peer.sent())
        .containsExactly("close:1002 an upstream may not send the Engine.IO packet type 53");
  }

  @Test
  void messageOverTheLimitEndsTheLink() {
    open();

    peer.say("4".repeat(MAX_MESSAGE));
    heard.events.clear();
    peer.say("4".repeat(MAX_MESSAGE + 1));

    assertThat(heard.events).containsExactly("batch end", "closed UPSTREAM_MESSAGE");
  }

  @Test
  void messageThatFindsNoBufferEndsTheLink() {
    dial(0, Optional.empty());
    peer.upgrade();
    peer.say(ManualPeer.OPEN);

    peer.sayHalf("42[\"hello\"]");

    assertThat(heard.events).endsWith("closed NO_BUFFERS");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void faultOfTheGatewayIsNotTheUpstreams(boolean open) {
    dial();
    peer.upgrade();
    if (open) {
      peer.say(ManualPeer.OPEN);
    }
    peer.failAt(Fault.READ);

    try (LogLines log = new LogLines()) {
      peer.say("42[1]");

      assertThat(log.traces()).containsExactly("a fault at READ");
    }
    assertThat(heard.events).endsWith("closed INTERNAL").doesNotContain("42[1]");
    assertThat(peer.sent()).containsExactly("close:1011 internal");
  }

  @Test
  void firstPacketThatIsNoOpenPacketMakesTheUpstreamUnavailable() {
    dial();
    peer.upgrade();

    peer.say("42[1]");

    assertThat(heard.events).containsExactly("closed UPSTREAM_UNAVAILABLE");
    assertThat(openLinks()).isZero();
    assertThat(upstream.takeLinked()).isFalse();
  }

  @Test
  void handshakeThatFailsAsksForAHealthCheck() {
    upstream.onDialFailed(() -> heard.events.add("dial failed"));
    dial();

    peer.fail(false, true);

    assertThat(heard.events).containsExactly("dial failed", "closed UPSTREAM_UNAVAILABLE");
  }

  @Test
  void connectorThatThrowsEndsTheLink() {
    peer.failAt(Fault.OPEN);

    dial();

    assertThat(heard.events).containsExactly("closed INTERNAL");
  }

  @Test
  void connectionThatCannotBeTakenOverIsGivenBack() {
    dial();
    peer.failAt(Fault.LISTEN);

    peer.upgrade();

    assertThat(heard.events).containsExactly("closed INTERNAL");
    assertThat(peer.isCancelled()).isTrue();
  }

  /** The timeout is checked in quarters, and the check is at most one of them late. */
  @Test
  void openPacketIsDueWithinTheHandshakeTimeout() {
    dial();
    peer.upgrade();

    peer.passTime(HANDSHAKE_TIMEOUT);
    assertThat(heard.events).isEmpty();
    peer.passTime(HANDSHAKE_TIMEOUT.dividedBy(4));

    assertThat(heard.events).containsExactly("closed UPSTREAM_UNAVAILABLE");
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 45, 100})
  void upstreamThatIsSilentForTooLongIsLeft(int seconds) {
    Duration limit = Duration.ofSeconds(seconds);
    dial(MEMORY, seconds == 45 ? Optional.empty() : Optional.of(limit));
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    peer.passTime(limit);
    peer.say("6");
    heard.events.clear();

    peer.passTime(limit);
    assertThat(heard.events).as("from the last frame on").isEmpty();
    peer.passTime(limit.dividedBy(4));

    assertThat(heard.events).containsExactly("closed UPSTREAM_SILENT");
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
    assertThat(openLinks()).isZero();
  }

  @Test
  void silenceOfALinkThatIsNotReadDoesNotCount() {
    UpstreamLink link = open();
    link.pauseReads(PauseReason.SLOW_PEER);
    peer.passTime(Duration.ofHours(1));
    assertThat(heard.events).isEmpty();

    link.resumeReads(PauseReason.SLOW_PEER);
    peer.passTime(Duration.ofSeconds(57));

    assertThat(heard.events).containsExactly("closed UPSTREAM_SILENT");
  }

  @Test
  void linkThatIsClosedIsNotWatched() {
    UpstreamLink link = open();

    link.close(CloseReason.CLIENT_LOST);
    peer.passTime(Duration.ofHours(1));

    assertThat(heard.events).isEmpty();
    assertThat(peer.timers()).isZero();
  }

  @Test
  void connectionIsClosedThoughTheSessionThrows() {
    open();
    heard.faulty = true;

    try (LogLines log = new LogLines()) {
      peer.passTime(Duration.ofSeconds(57));

      assertThat(log.traces()).containsExactly("a fault of the session");
    }
    assertThat(heard.events).containsExactly("closed UPSTREAM_SILENT");
    assertThat(peer.sent()).containsExactly("close:1011 internal");
  }
}
