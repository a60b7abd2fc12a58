package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session is given to the node that its client is on, and goes on there. */
class HandoffTest {
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final String CALL = "427[\"call\",{}]";
  private static final String ANSWER = "437[\"yes\"]";

  private final Conversation it;

  HandoffTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
    it.transport.successor = Optional.of("b");
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private void handOff() {
    offer();
    it.client.takenOver();
    assertThat(it.heard).contains("handed off to b", "ended handed-off");
    it.transport.forget();
  }

  /** Confirms everything, so that the session is offered to the other node. */
  private void offer() {
    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNotNull();
  }

  private Conversation successor() {
    return new Conversation(Objects.requireNonNull(it.snapshot));
  }

  @Test
  void quietSessionIsGivenWhenItsClientHasConfirmedEverything() throws ProtocolException {
    it.down("42[\"a\"]");
    it.timers.pass(QUIET);

    it.session.handOff(false);
    assertThat(it.link.reading).isFalse();
    assertThat(it.shown()).doesNotContain(Conversation.HANDOFF_MESSAGE);
    it.confirm();

    assertThat(it.shown()).endsWith(Conversation.HANDOFF_MESSAGE);
    assertThat(it.link.reading).isFalse();
    assertThat(it.session.isClosed()).isFalse();
    it.client.takenOver();

    assertThat(it.link.reading).isTrue();
    assertThat(it.session.isClosed()).isTrue();
    assertThat(it.link.closed).isEmpty();
    assertThat(it.transport.closed).isEmpty();
    SessionSnapshot snapshot = Objects.requireNonNull(it.snapshot);
    assertThat(snapshot.counter()).isEqualTo(1);
    assertThat(snapshot.connect()).isEqualTo("40{\"token\":\"t\"}");
    assertThat(snapshot.given().get(0).reply()).isEqualTo("40{\"sid\":\"s\",\"pid\":\"pid1\"}");
    assertThat(snapshot).hasToString("SessionSnapshot[counter=1]");
  }

  @Test
  void busySessionIsGivenWhenItIsLate() throws ProtocolException {
    it.down("42[\"a\"]");

    it.session.handOff(false);
    assertThat(it.link.reading).isTrue();
    it.session.handOff(true);
    it.session.handOff(true);

    assertThat(it.link.reading).isFalse();
  }

  @Test
  void sessionWhoseClientIsOnThisNodeStays() {
    it.transport.successor = Optional.empty();

    it.session.handOff(true);

    assertThat(it.link.reading).isTrue();
  }

  @Test
  void sessionThatCannotBeResumedStays() throws ProtocolException {
    Conversation other = Conversation.live();
    other.transport.successor = Optional.of("b");

    other.session.handOff(true);

    assertThat(other.link.reading).isTrue();
    assertThat(other.session.move(true)).isFalse();
  }

  @Test
  void clientThatConfirmsOnlyPartIsAskedAgain() throws ProtocolException {
    it.down("42[\"a\"]");
    final long part = it.transport.given;
    it.down("42[\"b\"]");
    it.session.handOff(true);
    int pings = it.transport.pings;

    it.client.acknowledged(part);

    assertThat(it.transport.pings).isGreaterThan(pings);
    assertThat(it.snapshot).isNull();
    it.confirm();
    assertThat(it.snapshot).isNotNull();
  }

  @Test
  void sessionStaysIfItsClientDoesNotConfirmInTime() throws ProtocolException {
    it.down("42[\"a\"]");
    it.session.handOff(true);

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.link.reading).isTrue();
    it.confirm();
    assertThat(it.snapshot).isNull();
  }

  @Test
  void sessionStaysIfItsSuccessorDoesNotWantItAnyMore() {
    it.session.handOff(true);
    it.transport.successor = Optional.empty();

    it.confirm();

    assertThat(it.link.reading).isTrue();
    assertThat(it.snapshot).isNull();
  }

  @Test
  void sessionThatLosesItsTransportMeanwhileIsParked() {
    it.session.handOff(true);

    it.cut();

    assertThat(it.link.reading).isTrue();
    assertThat(it.heard).containsExactly("parked");
  }

  @Test
  void sessionThatLosesItsLinkMeanwhileGetsAnother() {
    it.session.handOff(true);

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.confirm();

    assertThat(it.heard).containsExactly("redial");
    assertThat(it.snapshot).isNull();
  }

  @Test
  void sessionThatMovesToAnotherUpstreamMeanwhileStays() {
    it.session.handOff(true);

    assertThat(it.session.move(true)).isTrue();
    it.confirm();

    assertThat(it.link.reading).isTrue();
    assertThat(it.snapshot).isNull();
  }

  @Test
  void successorIsToldWhenTheTransportTakesItAgain() {
    it.session.handOff(true);
    it.transport.taking = false;
    it.confirm();
    assertThat(it.shown()).isEmpty();

    it.transport.taking = true;
    it.client.writable();

    assertThat(it.shown()).containsExactly(Conversation.HANDOFF_MESSAGE);
  }

  @Test
  void linkOfAClientThatDoesNotReadIsNotReadEither() throws ProtocolException {
    it.transport.taking = false;
    it.down("42[\"" + "x".repeat(2000) + "\"]");
    it.session.handOff(true);

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.link.reading).isFalse();
  }

  @Test
  void packetWithoutItsAttachmentsIsWaitedFor() throws ProtocolException {
    it.up("451-[\"mine\",{}]");
    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNull();

    it.up("<att>");
    it.confirm();

    assertThat(it.link.packets).containsExactly("451-[\"mine\",{}]", "<att>");
    assertThat(it.snapshot).isNotNull();
  }

  @Test
  void successorGoesOnWithMarkers() throws ProtocolException {
    Conversation other = Conversation.live(OffsetStyle.MARKER);
    other.transport.successor = Optional.of("b");
    other.session.handOff(true);
    other.confirm();
    other.client.takenOver();

    Conversation successor = new Conversation(Objects.requireNonNull(other.snapshot));
    successor.down("42[\"a\"]");

    assertThat(successor.transport.packets).containsExactly("42[\"a\"]", "42[\"~o\",\"tagtag.1\"]");
  }

  @Test
  void packetsOfTheClientGoUpFirst() throws ProtocolException {
    it.link.taking = false;
    it.up("42[\"mine\"]");
    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNull();

    it.link.taking = true;
    it.upstream.writable();
    it.confirm();

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
    assertThat(it.snapshot).isNotNull();
  }

  @Test
  void linkIsLentWithEverythingAsItIs() throws ProtocolException {
    handOff();

    it.down("42[\"a\"]", "451-[\"b\",{}]", "<att>");
    it.up("42[\"mine\"]", "41/other,");

    assertThat(it.transport.packets).containsExactly("42[\"a\"]", "451-[\"b\",{}]", "<att>");
    assertThat(it.link.packets).containsExactly("42[\"mine\"]", "41/other,");
  }

  @Test
  void forwardedLinkIsReadAsFastAsItsSuccessorReads() throws ProtocolException {
    handOff();
    it.transport.taking = false;

    it.down("42[\"" + "x".repeat(2000) + "\"]");
    assertThat(it.link.reading).isFalse();
    it.transport.taking = true;
    it.client.writable();

    assertThat(it.link.reading).isTrue();
    assertThat(it.transport.packets).hasSize(1);
  }

  @Test
  void clientsPacketsWaitForALentLinkToo() throws ProtocolException {
    handOff();
    it.link.taking = false;
    it.up("42[\"mine\"]");

    it.link.taking = true;
    it.upstream.writable();
    it.client.acknowledged(1);

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
  }

  @Test
  void forwardedLinkEndsWithItsSuccessor() throws ProtocolException {
    handOff();

    it.client.closed(CloseReason.SWITCHED_OVER);

    assertThat(it.link.closed).contains(CloseReason.SWITCHED_OVER);
    it.down("42[\"late\"]");
    it.upstream.writable();
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    assertThat(it.transport.packets).isEmpty();
  }

  @Test
  void successorIsToldOfTheEndOfAForwardedLink() {
    handOff();

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void lentLinkEndsWhenItBreaksTheBounds() throws ProtocolException {
    handOff();

    it.up("459-[\"b\"]");

    assertThat(it.link.closed).contains(CloseReason.TOO_MANY_ATTACHMENTS);
    assertThat(it.transport.closed).contains(CloseReason.TOO_MANY_ATTACHMENTS);
  }

  @Test
  void callsOfALaterLinkKeepTheIdsThatTheClientKnows() throws ProtocolException {
    it.down(CALL);
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("40{\"sid\":\"s2\"}");
    it.down(CALL);
    it.uplink.forget();
    handOff();

    it.down("427[\"later\"]", "42[\"event\"]", "451-8[{}]", "<att>", "4399[\"said\"]", "41/n,");
    it.up("4315[\"yes\"]", "42[\"mine\"]", "461-16[{}]", "<att>", "4299[\"ask\"]", "43/n,7[]");

    assertThat(it.transport.packets)
        .containsExactly(
            "4215[\"later\"]", "42[\"event\"]", "451-16[{}]", "<att>", "4399[\"said\"]", "41/n,");
    assertThat(it.uplink.packets)
        .containsExactly(ANSWER, "42[\"mine\"]", "461-8[{}]", "<att>", "4299[\"ask\"]", "43/n,7[]");
    assertThat(Objects.requireNonNull(it.snapshot).unanswered()).isEqualTo(List.of(15L));
  }

  @Test
  void successorGoesOnWithOffsetsPidsAndCalls() throws ProtocolException {
    it.down("42[\"a\"]", CALL);
    handOff();

    Conversation successor = successor();
    successor.down("42[\"b\"]");
    successor.up(ANSWER, ANSWER, "42[\"mine\"]");

    assertThat(successor.shown()).containsExactly("42[\"b\",\"tagtag.3\"]");
    assertThat(successor.link.packets).containsExactly(ANSWER, "42[\"mine\"]");
    assertThat(successor.heard).containsExactly("announced", "answer dropped");
    successor.cut();
    assertThat(successor.resume(1, "tagtag.2")).isEqualTo(Result.RECOVERED);
    assertThat(successor.shown())
        .containsExactly("40{\"sid\":\"s\",\"pid\":\"pid1\"}", "42[\"b\",\"tagtag.3\"]");
  }

  @Test
  void successorSwitchesTheSessionOverToALinkOfItsOwn() throws ProtocolException {
    handOff();
    Conversation successor = successor();

    assertThat(successor.session.move(true)).isTrue();
    successor.timers.pass(Conversation.LAG);
    Read.ofUpstream("40{\"sid\":\"s2\"}").tell(successor.nextUpstream);
    successor.confirm();
    successor.timers.pass(Conversation.OVERLAP);

    assertThat(successor.nextLink.packets).containsExactly("40{\"token\":\"t\"}");
    assertThat(successor.shown()).containsExactly("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
    assertThat(successor.link.closed).contains(CloseReason.SWITCHED_OVER);
  }

  @Test
  void successorThatLosesAForwardedLinkGetsAnother() throws ProtocolException {
    handOff();
    Conversation successor = successor();

    successor.upstream.closed(CloseReason.NODE_LOST);
    successor.down("40{\"sid\":\"s2\"}");

    assertThat(successor.uplink.packets).containsExactly("40{\"token\":\"t\"}");
    assertThat(successor.shown()).containsExactly("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
  }

  @Test
  void takeOverThatWasNotOfferedMeansNothing() {
    it.client.takenOver();

    assertThat(it.session.isClosed()).isFalse();
  }
}
