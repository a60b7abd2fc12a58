package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session that was offered to another node, until that node has answered. */
class OfferedSessionTest {
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Conversation it;

  OfferedSessionTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
    it.transport.successor = Optional.of("b");
    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNotNull();
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  @Test
  void sessionStaysIfTheOtherNodeLosesItsClientBeforeItTakesTheOffer() throws ProtocolException {
    it.cut();

    assertThat(it.heard).containsExactly("parked");
    assertThat(it.link.reading).isTrue();
    it.down("42[\"a\"]");
    assertThat(it.resume(1, null)).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).contains("42[\"a\",\"tagtag.1\"]");
    it.timers.pass(QUIET);
    it.transport.successor = Optional.of("c");
    handOffTo("c");
  }

  private void handOffTo(String successor) {
    it.session.handOff(true);
    it.confirm();
    it.client.takenOver();
    assertThat(it.heard).contains("handed off to " + successor);
  }

  @ParameterizedTest
  @EnumSource(names = {"NODE_LOST", "PING_TIMEOUT"})
  void sessionIsTheOtherNodesIfItMayHaveTakenTheOffer(CloseReason reason) {
    it.client.closed(reason);

    assertThat(it.heard).containsExactly("handed off to b", "ended handed-off");
    assertThat(it.link.closed).contains(CloseReason.HANDED_OFF);
  }

  @Test
  void offerWaitsForAnAnswerHoweverLateItIs() {
    it.timers.pass(Conversation.OVERLAP.multipliedBy(3));
    assertThat(it.session.isClosed()).isFalse();
    it.session.handOff(true);
    it.client.takenOver();

    assertThat(it.shown()).containsExactly(Conversation.HANDOFF_MESSAGE);
    assertThat(it.session.isClosed()).isTrue();
  }

  @Test
  void sessionThatIsOfferedIsNotResumedHereMeanwhile() {
    assertThat(it.resume(1, null)).isEqualTo(Result.GIVEN_UP);
    it.client.takenOver();

    assertThat(it.heard).contains("handed off to b");
  }

  @Test
  void sessionThatIsOfferedDoesNotMoveToAnotherUpstreamMeanwhile() {
    assertThat(it.session.move(true)).isFalse();
    it.client.takenOver();

    assertThat(it.heard).contains("handed off to b");
  }

  @Test
  void packetsThatCameBeforeTheOfferWasTakenGoUp() throws ProtocolException {
    it.up("42[\"mine\"]");
    it.client.takenOver();

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
  }

  @Test
  void successorOfASessionWhoseLinkIsLostMeanwhileFindsOneItself() {
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.client.takenOver();

    assertThat(it.heard).endsWith("handed off to b", "ended handed-off");
    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void sessionThatEndsWhileItIsOfferedIsOver() {
    it.session.close(CloseReason.KICKED);
    it.client.takenOver();

    assertThat(it.heard).containsExactly("ended kicked");
    assertThat(it.transport.closed).contains(CloseReason.KICKED);
  }

  @Test
  void packetIsNotTornByTheTakeOver() throws ProtocolException {
    it.up("451-[\"mine\",{}]");
    it.client.takenOver();
    it.up("<att>");

    assertThat(it.link.packets).containsExactly("451-[\"mine\",{}]", "<att>");
  }

  @Test
  void packetsThatCameMeanwhileAreTheSessionsIfItStays() throws ProtocolException {
    it.up("42[\"mine\"]");
    assertThat(it.link.packets).isEmpty();

    it.cut();

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
  }

  @Test
  void clientThatBreaksTheProtocolMeanwhileEndsTheLentLink() throws ProtocolException {
    it.up("nonsense");

    it.client.takenOver();

    assertThat(it.transport.closed).contains(CloseReason.PROTOCOL_ERROR);
    assertThat(it.link.closed).contains(CloseReason.PROTOCOL_ERROR);
  }

  @Test
  void sessionThatCannotKeepWhatComesMeanwhileEnds() throws ProtocolException {
    it.up("42[\"" + "x".repeat((int) Conversation.POOL) + "\"]");

    assertThat(it.heard).containsExactly("ended no-buffers");
  }
}
