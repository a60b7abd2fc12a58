package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session is given to the node that its client is on, and goes on there. */
class CessionTest {
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final String CALL = "427[\"call\",{}]";
  private static final String ANSWER = "437[\"yes\"]";

  private final Conversation it;

  CessionTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
    it.transport.heir = Optional.of("b");
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private void cede() {
    offer();
    it.client.takenOver();
    assertThat(it.heard).contains("ceded to b", "ended ceded");
    it.transport.forget();
  }

  /** Confirms everything, so that the session is offered to the other node. */
  private void offer() {
    it.session.cede(true);
    it.confirm();
    assertThat(it.estate).isNotNull();
  }

  private Conversation heir() {
    return new Conversation(Objects.requireNonNull(it.estate));
  }

  @Test
  void quietSessionIsGivenWhenItsClientHasConfirmedEverything() throws ProtocolException {
    it.down("42[\"a\"]");
    it.timers.pass(QUIET);

    it.session.cede(false);
    assertThat(it.link.reading).isFalse();
    assertThat(it.shown()).doesNotContain(Conversation.WILL);
    it.confirm();

    assertThat(it.shown()).endsWith(Conversation.WILL);
    assertThat(it.link.reading).isFalse();
    assertThat(it.session.isClosed()).isFalse();
    it.client.takenOver();

    assertThat(it.link.reading).isTrue();
    assertThat(it.session.isClosed()).isTrue();
    assertThat(it.link.closed).isEmpty();
    assertThat(it.transport.closed).isEmpty();
    Estate estate = Objects.requireNonNull(it.estate);
    assertThat(estate.counter()).isEqualTo(1);
    assertThat(estate.connect()).isEqualTo("40{\"token\":\"t\"}");
    assertThat(estate.given().get(0).reply()).isEqualTo("40{\"sid\":\"s\",\"pid\":\"pid1\"}");
    assertThat(estate).hasToString("Estate[counter=1]");
  }

  @Test
  void busySessionIsGivenWhenItIsLate() throws ProtocolException {
    it.down("42[\"a\"]");

    it.session.cede(false);
    assertThat(it.link.reading).isTrue();
    it.session.cede(true);
    it.session.cede(true);

    assertThat(it.link.reading).isFalse();
  }

  @Test
  void sessionWhoseClientIsOnThisNodeStays() {
    it.transport.heir = Optional.empty();

    it.session.cede(true);

    assertThat(it.link.reading).isTrue();
  }

  @Test
  void sessionThatCannotBeResumedStays() throws ProtocolException {
    Conversation other = Conversation.live();
    other.transport.heir = Optional.of("b");

    other.session.cede(true);

    assertThat(other.link.reading).isTrue();
    assertThat(other.session.move(true)).isFalse();
  }

  @Test
  void clientThatConfirmsOnlyPartIsAskedAgain() throws ProtocolException {
    it.down("42[\"a\"]");
    final long part = it.transport.given;
    it.down("42[\"b\"]");
    it.session.cede(true);
    int pings = it.transport.pings;

    it.client.acknowledged(part);

    assertThat(it.transport.pings).isGreaterThan(pings);
    assertThat(it.estate).isNull();
    it.confirm();
    assertThat(it.estate).isNotNull();
  }

  @Test
  void sessionStaysIfItsClientDoesNotConfirmInTime() throws ProtocolException {
    it.down("42[\"a\"]");
    it.session.cede(true);

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.link.reading).isTrue();
    it.confirm();
    assertThat(it.estate).isNull();
  }

  @Test
  void sessionStaysIfItsHeirDoesNotWantItAnyMore() {
    it.session.cede(true);
    it.transport.heir = Optional.empty();

    it.confirm();

    assertThat(it.link.reading).isTrue();
    assertThat(it.estate).isNull();
  }

  @Test
  void sessionThatLosesItsTransportMeanwhileIsParked() {
    it.session.cede(true);

    it.cut();

    assertThat(it.link.reading).isTrue();
    assertThat(it.heard).containsExactly("parked");
  }

  @Test
  void sessionThatLosesItsLinkMeanwhileGetsAnother() {
    it.session.cede(true);

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.confirm();

    assertThat(it.heard).containsExactly("redial");
    assertThat(it.estate).isNull();
  }

  @Test
  void sessionThatMovesToAnotherUpstreamMeanwhileStays() {
    it.session.cede(true);

    assertThat(it.session.move(true)).isTrue();
    it.confirm();

    assertThat(it.link.reading).isTrue();
    assertThat(it.estate).isNull();
  }

  @Test
  void heirIsToldWhenTheTransportTakesItAgain() {
    it.session.cede(true);
    it.transport.taking = false;
    it.confirm();
    assertThat(it.shown()).isEmpty();

    it.transport.taking = true;
    it.client.writable();

    assertThat(it.shown()).containsExactly(Conversation.WILL);
  }

  @Test
  void linkOfAClientThatDoesNotReadIsNotReadEither() throws ProtocolException {
    it.transport.taking = false;
    it.down("42[\"" + "x".repeat(2000) + "\"]");
    it.session.cede(true);

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.link.reading).isFalse();
  }

  @Test
  void packetWithoutItsAttachmentsIsWaitedFor() throws ProtocolException {
    it.up("451-[\"mine\",{}]");
    it.session.cede(true);
    it.confirm();
    assertThat(it.estate).isNull();

    it.up("<att>");
    it.confirm();

    assertThat(it.link.packets).containsExactly("451-[\"mine\",{}]", "<att>");
    assertThat(it.estate).isNotNull();
  }

  @Test
  void heirGoesOnWithMarkers() throws ProtocolException {
    Conversation other = Conversation.live(OffsetStyle.MARKER);
    other.transport.heir = Optional.of("b");
    other.session.cede(true);
    other.confirm();
    other.client.takenOver();

    Conversation heir = new Conversation(Objects.requireNonNull(other.estate));
    heir.down("42[\"a\"]");

    assertThat(heir.transport.packets).containsExactly("42[\"a\"]", "42[\"~o\",\"tagtag.1\"]");
  }

  @Test
  void packetsOfTheClientGoUpFirst() throws ProtocolException {
    it.link.taking = false;
    it.up("42[\"mine\"]");
    it.session.cede(true);
    it.confirm();
    assertThat(it.estate).isNull();

    it.link.taking = true;
    it.upstream.writable();
    it.confirm();

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
    assertThat(it.estate).isNotNull();
  }

  @Test
  void linkIsLentWithEverythingAsItIs() throws ProtocolException {
    cede();

    it.down("42[\"a\"]", "451-[\"b\",{}]", "<att>");
    it.up("42[\"mine\"]", "41/other,");

    assertThat(it.transport.packets).containsExactly("42[\"a\"]", "451-[\"b\",{}]", "<att>");
    assertThat(it.link.packets).containsExactly("42[\"mine\"]", "41/other,");
  }

  @Test
  void lentLinkIsReadAsFastAsItsHeirReads() throws ProtocolException {
    cede();
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
    cede();
    it.link.taking = false;
    it.up("42[\"mine\"]");

    it.link.taking = true;
    it.upstream.writable();
    it.client.acknowledged(1);

    assertThat(it.link.packets).containsExactly("42[\"mine\"]");
  }

  @Test
  void lentLinkEndsWithItsHeir() throws ProtocolException {
    cede();

    it.client.closed(CloseReason.MOVED);

    assertThat(it.link.closed).contains(CloseReason.MOVED);
    it.down("42[\"late\"]");
    it.upstream.writable();
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    assertThat(it.transport.packets).isEmpty();
  }

  @Test
  void heirIsToldOfTheEndOfALentLink() {
    cede();

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void lentLinkEndsWhenItBreaksTheBounds() throws ProtocolException {
    cede();

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
    cede();

    it.down("427[\"later\"]", "42[\"event\"]", "451-8[{}]", "<att>", "4399[\"said\"]", "41/n,");
    it.up("4315[\"yes\"]", "42[\"mine\"]", "461-16[{}]", "<att>", "4299[\"ask\"]", "43/n,7[]");

    assertThat(it.transport.packets)
        .containsExactly(
            "4215[\"later\"]", "42[\"event\"]", "451-16[{}]", "<att>", "4399[\"said\"]", "41/n,");
    assertThat(it.uplink.packets)
        .containsExactly(ANSWER, "42[\"mine\"]", "461-8[{}]", "<att>", "4299[\"ask\"]", "43/n,7[]");
    assertThat(Objects.requireNonNull(it.estate).unanswered()).isEqualTo(List.of(15L));
    assertThat(Objects.requireNonNull(it.estate).paced()).isTrue();
    Conversation heir = heir();
    heir.up("42[\"heartbeat\",{}]");
    assertThat(heir.link.packets).isEmpty();
  }

  @Test
  void heirGoesOnWithOffsetsPidsAndCalls() throws ProtocolException {
    it.down("42[\"a\"]", CALL);
    cede();

    Conversation heir = heir();
    heir.down("42[\"b\"]");
    heir.up(ANSWER, ANSWER, "42[\"mine\"]");

    assertThat(heir.shown()).containsExactly("42[\"b\",\"tagtag.3\"]");
    assertThat(heir.link.packets).containsExactly(ANSWER, "42[\"mine\"]");
    assertThat(heir.heard).containsExactly("announced", "answer dropped");
    heir.cut();
    assertThat(heir.resume(1, "tagtag.2")).isEqualTo(Result.RECOVERED);
    assertThat(heir.shown())
        .containsExactly("40{\"sid\":\"s\",\"pid\":\"pid1\"}", "42[\"b\",\"tagtag.3\"]");
  }

  @Test
  void heirMovesTheSessionToALinkOfItsOwn() throws ProtocolException {
    cede();
    Conversation heir = heir();

    assertThat(heir.session.move(true)).isTrue();
    heir.timers.pass(Conversation.LAG);
    Read.ofUpstream("40{\"sid\":\"s2\"}").tell(heir.nextUpstream);
    heir.confirm();
    heir.timers.pass(Conversation.OVERLAP);

    assertThat(heir.nextLink.packets).containsExactly("40{\"token\":\"t\"}");
    assertThat(heir.shown()).containsExactly("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
    assertThat(heir.link.closed).contains(CloseReason.MOVED);
  }

  @Test
  void heirThatLosesALentLinkGetsAnother() throws ProtocolException {
    cede();
    Conversation heir = heir();

    heir.upstream.closed(CloseReason.NODE_LOST);
    heir.down("40{\"sid\":\"s2\"}");

    assertThat(heir.uplink.packets).containsExactly("40{\"token\":\"t\"}");
    assertThat(heir.shown()).containsExactly("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
  }

  @Test
  void takeOverThatWasNotOfferedMeansNothing() {
    it.client.takenOver();

    assertThat(it.session.isClosed()).isFalse();
  }
}
