package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What seldom happens while a session moves. */
class LinkSwitchoverCornersTest {
  private static final Duration LAG = Conversation.LAG;

  private Conversation it;

  LinkSwitchoverCornersTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"41", "44{\"message\":\"no\"}", "40"})
  void nextUpstreamThatDoesNotLetTheClientInIsLeft(String answer) throws ProtocolException {
    it.open();
    it.next(answer);

    assertThat(it.heard).endsWith("moved FAILED");
    assertThat(it.nextLink.closed).isPresent();
    assertThat(it.transport.packets).isEmpty();
  }

  @Test
  void nextUpstreamThatDisconnectsTheClientIsLeft() throws ProtocolException {
    it.overlap();
    it.next("41");

    assertThat(it.heard).endsWith("moved STAYED");
    assertThat(it.shown()).endsWith("40{\"sid\":\"s\",\"pid\":\"pid3\"}");
  }

  @Test
  void answersOfTheNextLinkStandBetweenPackets() throws ProtocolException {
    it.overlap();
    it.down("451-[\"a\",{}]");
    it.next("461-5[{}]", "<answer>");
    it.down("<a>");

    assertThat(it.shown()).endsWith("451-[\"a\",{},\"tagtag.2\"]", "<a>", "461-5[{}]", "<answer>");
  }

  @Test
  void binaryEventsAreFoundOnBothLinks() throws ProtocolException {
    it.overlap();
    it.down("451-[\"a\",{}]", "<a>");
    it.next("451-[\"a\",{}]", "<a>", "451-[\"a\",{}]", "<b>");
    it.confirm();
    it.timers.pass(LAG.multipliedBy(3));

    assertThat(it.shown())
        .endsWith("451-[\"a\",{},\"tagtag.2\"]", "<a>", "451-[\"a\",{},\"tagtag.3\"]", "<b>");
    assertThat(it.shown()).hasSize(5);
  }

  @Test
  void restOfAPacketThatBeganBeforeIsNoEventOfItsOwn() throws ProtocolException {
    it.down("451-[\"a\",{}]");
    assertThat(it.session.move(true)).isTrue();
    it.down("<a>");

    assertThat(it.shown()).containsExactly("451-[\"a\",{},\"tagtag.1\"]", "<a>");
  }

  /**
   * A client that has had the reply and not the event would else be taken for one that had both.
   */
  @Test
  void packetThatIsWholeBehindTheSecondReplyHasALaterOffset() throws ProtocolException {
    it.open();
    it.down("451-[\"a\",{}]");
    it.next("40{\"sid\":\"s2\"}");
    it.down("<a>");

    assertThat(it.transport.packets)
        .endsWith("42[\"~o\",\"tagtag.1\"]", "451-[\"a\",{},\"tagtag.2\"]", "<a>");
  }

  @Test
  void packetOfTheNextLinkThatIsNotWholeAtTheSwitchIsDeliveredWhole() throws ProtocolException {
    it.overlap();
    it.next("451-[\"a\",{}]");
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.next("<a>", "42[\"b\"]");

    assertThat(it.shown()).endsWith("451-[\"a\",{},\"tagtag.2\"]", "<a>", "42[\"b\",\"tagtag.3\"]");
  }

  @Test
  void callsAndOtherNamespacesOfTheNextLinkWaitForTheSwitch() throws ProtocolException {
    it.overlap();
    it.next("421[\"confirm\"]", "42/admin,[\"a\"]", "40{\"sid\":\"s3\"}");
    assertThat(it.shown()).hasSize(1);
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown()).contains("421[\"confirm\"]", "42/admin,[\"a\"]");
  }

  @Test
  void flowOfEventsThatIsTooFastForTheMemoryEndsTheOverlap() throws ProtocolException {
    it.overlap();
    for (int i = 0; i <= Aligner.MAX_EVENTS; i += 2) {
      it.down("42[\"a\"," + i + "]");
      it.next("42[\"b\"," + i + "]");
      it.confirm();
    }

    assertThat(it.heard).contains("moved OUT_OF_MEMORY");
  }

  @Test
  void oldLinkThatIsTooFastEndsTheOverlap() throws ProtocolException {
    it.overlap();
    for (int i = 0; i <= Aligner.MAX_EVENTS; i++) {
      it.down("42[\"a\"," + i + "]");
      it.confirm();
    }
    it.timers.pass(Duration.ofMillis(100));

    assertThat(it.heard).contains("moved OUT_OF_MEMORY");
  }

  @Test
  void sessionWithOtherNamespacesStays() throws ProtocolException {
    it.down("40/admin,{\"sid\":\"x\"}");

    assertThat(it.session.move(true)).isFalse();
  }

  @Test
  void sessionThatIsNotConnectedStays() throws ProtocolException {
    it.down("41");

    assertThat(it.session.move(true)).isFalse();
  }

  @Test
  void sessionThatCannotResumeStays() throws ProtocolException {
    nothingIsLeftWhenTheSessionIsOver();
    it = Conversation.live();

    assertThat(it.session.move(true)).isFalse();
  }

  @Test
  void clockStandsStillOnce() {
    PausedClock clock = new PausedClock(it.timers);
    clock.pause();
    it.timers.pass(LAG);
    clock.pause();
    clock.resume();
    clock.resume();
    it.timers.pass(LAG);

    assertThat(clock.nanoTime()).isEqualTo(LAG.toNanos());
    assertThat(clock.isPaused()).isFalse();
  }
}
