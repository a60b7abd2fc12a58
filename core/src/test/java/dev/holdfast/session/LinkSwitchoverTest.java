package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session is moved to another upstream while events go on. */
class LinkSwitchoverTest {
  private static final Duration LAG = Conversation.LAG;
  private static final String CONNECT = "40{\"token\":\"t\"}";
  private static final String SECOND = "40{\"sid\":\"s2\",\"pid\":\"pid2\"}";

  private final Conversation it;

  LinkSwitchoverTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  /** So long that the links are aligned, if they can be. */
  private void align() {
    it.confirm();
    it.timers.pass(LAG.multipliedBy(3));
  }

  @Test
  void clientIsToldOfTheNextLinkAndWhatItSendsGoesThere() throws ProtocolException {
    it.overlap();
    it.up("42[\"user-join\"]");

    assertThat(it.nextLink.packets).containsExactly(CONNECT, "42[\"user-join\"]");
    assertThat(it.link.packets).isEmpty();
    assertThat(it.shown()).containsExactly(SECOND);
    assertThat(it.link.closed).isEmpty();
  }

  @Test
  void eventsOfBothLinksAreDeliveredOnce() throws ProtocolException {
    it.overlap();
    it.down("42[\"a\",1]", "42[\"a\",2]");
    it.next("42[\"a\",2]", "42[\"a\",3]", "42[\"mine\"]");
    assertThat(it.shown())
        .containsExactly(SECOND, "42[\"a\",1,\"tagtag.2\"]", "42[\"a\",2,\"tagtag.3\"]");

    align();

    assertThat(it.shown())
        .endsWith("42[\"a\",3,\"tagtag.4\"]", "42[\"mine\",\"tagtag.5\"]")
        .hasSize(5);
    assertThat(it.link.closed).contains(CloseReason.SWITCHED_OVER);
    assertThat(it.heard).containsSubsequence("move", "overlapping", "moved NO_FENCES");
  }

  /** Behind the switch, the old link's last event may still come over the next one. */
  private void switchBeforeTheLastRepetition() throws ProtocolException {
    it.overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]");
    it.confirm();
    it.timers.pass(LAG.multipliedBy(2).minusMillis(10));
    it.down("42[\"a\",2]");
    it.timers.pass(Duration.ofMillis(100));
    assertThat(it.heard).contains("moved NO_FENCES");
  }

  @Test
  void repetitionThatComesBehindTheSwitchIsDropped() throws ProtocolException {
    switchBeforeTheLastRepetition();

    it.next("42[\"a\",2]", "42[\"a\",3]");

    assertThat(it.shown())
        .containsExactly(
            SECOND,
            "42[\"a\",1,\"tagtag.2\"]",
            "42[\"a\",2,\"tagtag.3\"]",
            "42[\"a\",3,\"tagtag.4\"]");
  }

  @Test
  void eventLikeOneThatIsAwaitedNoMoreIsDelivered() throws ProtocolException {
    switchBeforeTheLastRepetition();
    it.timers.pass(LAG.multipliedBy(2));

    it.next("42[\"a\",2]");

    assertThat(it.shown()).endsWith("42[\"a\",2,\"tagtag.3\"]", "42[\"a\",2,\"tagtag.4\"]");
  }

  @Test
  void whatWaitedForTheOldLinkGoesToTheNextOne() throws ProtocolException {
    it.link.taking = false;
    it.up("42[\"one\"]");
    it.overlap();
    it.nextLink.taking = false;
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]");
    it.confirm();
    it.timers.pass(Conversation.OVERLAP.minusMillis(10));
    it.down("42[\"a\",2]");
    it.timers.pass(Duration.ofMillis(100));
    assertThat(it.heard).contains("moved OUT_OF_TIME");
    it.up("42[\"two\"]");

    it.nextLink.taking = true;
    it.nextUpstream.writable();

    assertThat(it.link.packets).isEmpty();
    assertThat(it.nextLink.packets).containsExactly(CONNECT, "42[\"one\"]", "42[\"two\"]");
  }

  @Test
  void sessionThatIsNotQuietMovesOnlyIfItHasTo() throws ProtocolException {
    it.timers.pass(Duration.ofSeconds(2));
    it.up("427[\"question\"]");
    assertThat(it.session.move(false)).isFalse();

    it.down("437[]");
    assertThat(it.session.move(false)).isFalse();
    it.timers.pass(Duration.ofSeconds(2));

    assertThat(it.session.move(false)).isTrue();
  }

  @Test
  void answersGoToTheLinkThatAskedAndAreWaitedFor() throws ProtocolException {
    it.down("421[\"confirm\"]");
    it.overlap();
    align();
    assertThat(it.link.closed).isEmpty();

    it.up("431[true]");
    it.timers.pass(Duration.ofMillis(100));

    assertThat(it.link.packets).containsExactly("431[true]");
    assertThat(it.nextLink.packets).containsExactly(CONNECT);
    assertThat(it.link.closed).contains(CloseReason.SWITCHED_OVER);
  }

  @Test
  void overlapEndsInTimeThoughNothingIsCertain() throws ProtocolException {
    it.down("421[\"confirm\"]");
    it.overlap();

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.heard).contains("moved OUT_OF_TIME");
    assertThat(it.link.closed).contains(CloseReason.SWITCHED_OVER);
  }

  @Test
  void answersOfTheNextLinkAreNotKeptWaiting() throws ProtocolException {
    it.overlap();
    it.up("425[\"user-join\"]");
    it.next("42[\"a\",1]", "435[{\"id\":1}]");

    assertThat(it.shown()).containsExactly(SECOND, "435[{\"id\":1}]");
  }

  @Test
  void nextLinkTakesOverWhenTheOldOneBreaks() throws ProtocolException {
    it.overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]", "42[\"a\",2]");

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown())
        .containsExactly(SECOND, "42[\"a\",1,\"tagtag.2\"]", "42[\"a\",2,\"tagtag.3\"]");
    assertThat(it.heard).contains("moved LINK_LOST").doesNotContain("redial");
  }

  @Test
  void clientIsBackOnTheOldLinkWhenTheNextOneBreaks() throws ProtocolException {
    it.overlap();
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.up("42[\"one\"]");
    it.down("42[\"a\"]");

    assertThat(it.shown())
        .containsExactly(SECOND, "40{\"sid\":\"s\",\"pid\":\"pid3\"}", "42[\"a\",\"tagtag.3\"]");
    assertThat(it.link.packets).containsExactly("42[\"one\"]");
    assertThat(it.heard).contains("moved STAYED");
  }

  @Test
  void whatOnlyTheNextLinkHasBroughtIsDeliveredIfBothBreak() throws ProtocolException {
    it.overlap();
    it.down("42[\"a\"]");
    it.next("42[\"a\"]", "42[\"b\"]");
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("42[\"c\"]");

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown().stream().filter(packet -> packet.startsWith("42")))
        .containsExactly(
            "42[\"a\",\"tagtag.2\"]", "42[\"c\",\"tagtag.4\"]", "42[\"b\",\"tagtag.5\"]");
    assertThat(it.heard).contains("moved STAYED", "both links lost", "redial");
  }

  @Test
  void theTimeThatTheOldLinkHasAfterAFailedMoveCounts() throws ProtocolException {
    it.overlap();
    it.down("42[\"a\"]");
    it.next("42[\"a\"]", "42[\"a\"]");
    it.timers.pass(LAG.dividedBy(2));
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.timers.pass(LAG.multipliedBy(9).dividedBy(10));

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown().stream().filter(packet -> packet.startsWith("42")))
        .containsExactly("42[\"a\",\"tagtag.2\"]");
  }

  @Test
  void whatTheNextLinkHasBroughtIsForgottenOnceTheOldOneHasHadTheTime() throws ProtocolException {
    it.overlap();
    it.next("42[\"b\"]");
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.timers.pass(LAG);

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown()).noneMatch(packet -> packet.startsWith("42"));
  }

  @Test
  void nobodyNoticesANextLinkThatCannotBeOpened() {
    assertThat(it.session.move(true)).isTrue();
    it.timers.pass(LAG);
    it.nextUpstream.closed(CloseReason.UPSTREAM_UNAVAILABLE);

    assertThat(it.transport.packets).isEmpty();
    assertThat(it.heard).containsExactly("move", "moved FAILED");
    assertThat(it.session.move(true)).isTrue();
  }

  @Test
  void sessionWithoutClientMovesToo() throws ProtocolException {
    it.cut();
    it.overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]", "42[\"a\",2]");
    it.timers.pass(LAG.multipliedBy(4));
    assertThat(it.link.closed).contains(CloseReason.SWITCHED_OVER);

    it.resume(1, null);

    assertThat(it.shown())
        .containsExactly(
            "40{\"sid\":\"s\",\"pid\":\"pid1\"}",
            SECOND,
            "42[\"a\",1,\"tagtag.2\"]",
            "42[\"a\",2,\"tagtag.3\"]");
  }

  @Test
  void linksAreReadTogetherOrNotAtAll() throws ProtocolException {
    it.overlap();
    it.transport.taking = false;
    it.down("42[\"" + "x".repeat(2000) + "\"]");
    assertThat(it.link.reading).isFalse();
    assertThat(it.nextLink.reading).isFalse();

    it.transport.taking = true;
    it.client.writable();

    assertThat(it.link.reading).isTrue();
    assertThat(it.nextLink.reading).isTrue();
  }

  @Test
  void clientThatDisconnectsDoesSoOnce() throws ProtocolException {
    it.overlap();
    it.up("41");

    assertThat(it.nextLink.packets).containsExactly(CONNECT, "41");
    assertThat(it.link.packets).isEmpty();
    assertThat(it.link.closed).isPresent();
  }

  @Test
  void upstreamThatDisconnectsItsClientMeanwhileHasItsWay() throws ProtocolException {
    it.overlap();
    it.down("41");

    assertThat(it.shown()).endsWith("41");
    assertThat(it.nextLink.closed).isPresent();
    assertThat(it.heard).contains("revoked");
  }
}
