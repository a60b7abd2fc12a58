package dev.holdfast.session;

import static dev.holdfast.session.Conversation.GIVE_UP;
import static dev.holdfast.session.Conversation.HEARTBEAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The link breaks and another takes its place. */
class RelinkTest {
  private static final String CONNECT = "40{\"token\":\"t\"}";
  private static final String FIRST = "40{\"sid\":\"s\",\"pid\":\"pid1\"}";
  private static final String SECOND = "40{\"sid\":\"s2\",\"pid\":\"pid2\"}";
  private static final String HEARTBEAT_EVENT = "42[\"heartbeat\",{}]";

  private Conversation it;

  RelinkTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private void linkLost() {
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
  }

  private void linked(String sid) throws ProtocolException {
    it.down("40{\"sid\":\"" + sid + "\"}");
  }

  @Test
  void clientGetsASecondConnectReplyOnItsOpenTransport() throws ProtocolException {
    linkLost();
    assertThat(it.heard).containsExactly("redial");
    assertThat(it.uplink.packets).containsExactly(CONNECT);

    linked("s2");
    it.down("42[\"a\"]");

    assertThat(it.transport.closed).isEmpty();
    assertThat(it.transport.packets)
        .containsExactly(SECOND, "42[\"~o\",\"tagtag.1\"]", "42[\"a\",\"tagtag.2\"]");
    assertThat(it.heard).containsExactly("redial", "relinked");
  }

  /** On a later link python-socketio would drop what precedes its answer to the CONNECT. */
  @Test
  void whatTheClientSendsMeanwhileFollowsTheNewConnectReply() throws ProtocolException {
    linkLost();
    it.up("42[\"one\"]", "452-[\"two\",{},{}]", "<a>");
    it.up("<b>", "42[\"three\"]");
    assertThat(it.uplink.packets).containsExactly(CONNECT);

    linked("s2");

    assertThat(it.uplink.packets)
        .containsExactly(
            CONNECT, "42[\"one\"]", "452-[\"two\",{},{}]", "<a>", "<b>", "42[\"three\"]");
  }

  @Test
  void connectWaitsForALinkThatIsSlowToOpen() throws ProtocolException {
    it.nextTaking = false;
    linkLost();
    assertThat(it.uplink.packets).isEmpty();

    it.uplink.taking = true;
    it.upstream.writable();
    assertThat(it.uplink.packets).containsExactly(CONNECT);
    linked("s2");

    assertThat(it.shown()).containsExactly(SECOND);
  }

  @Test
  void nextLinkBreaksToo() throws ProtocolException {
    linkLost();
    linkLost();
    it.up("42[\"one\"]");
    linkLost();
    linked("s2");

    assertThat(it.heard).containsExactly("redial", "redial", "redial", "relinked");
    assertThat(it.uplink.packets).containsExactly(CONNECT, "42[\"one\"]");
    assertThat(it.shown()).containsExactly(SECOND);
  }

  @Test
  void deadLinkIsNotHeard() throws ProtocolException {
    Hop.Receiver dead = it.upstream;
    linkLost();

    Read.ofUpstream("42[\"late\"]").tell(dead);
    dead.writable();
    dead.acknowledged(1);
    dead.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.transport.packets).isEmpty();
    assertThat(it.heard).containsExactly("redial");
  }

  @Test
  void halfAPacketOfTheDeadLinkIsForgotten() throws ProtocolException {
    it.down("452-[\"bin\",{},{}]", "<a>");
    linkLost();

    linked("s2");
    it.down("42[\"a\"]");

    assertThat(it.shown()).containsExactly(SECOND, "42[\"a\",\"tagtag.2\"]");
  }

  /** Ids start again with each link: an answer could reach the wrong call. */
  @Test
  void lateAnswerToAnOldLinkIsDroppedAndNewIdsAreShifted() throws ProtocolException {
    it.down("421[\"old\"]", "422[\"old\"]");
    linkLost();
    linked("s2");
    it.down("421[\"new\"]", "451-2[\"new\",{}]", "<a>");

    it.up("431[\"late\"]", "461-4[{}]", "<b>", "434[\"again\"]", "435[\"yes\"]");

    assertThat(it.shown())
        .containsExactly(
            "421[\"old\"]", "422[\"old\"]", SECOND, "424[\"new\"]", "451-5[\"new\",{}]", "<a>");
    assertThat(it.uplink.packets).containsExactly(CONNECT, "461-1[{}]", "<b>", "432[\"yes\"]");
    assertThat(it.heard).containsExactly("redial", "relinked", "answer dropped", "answer dropped");
  }

  /** Nobody waits for it there, and its id may be another call's. */
  @Test
  void answersThatWaitedForADeadLinkStayBehind() throws ProtocolException {
    it.down("421[\"old\"]", "422[\"old\"]", "423[\"old\"]");
    it.link.taking = false;
    it.up("42[\"one\"]", "431[\"yes\"]", "461-2[{}]", "<a>", "451-[\"two\",{}]", "<b>");
    it.up("461-3[{}]");

    linkLost();
    it.up("<c>", "42[\"three\"]");
    linked("s2");

    assertThat(it.uplink.packets)
        .containsExactly(CONNECT, "42[\"one\"]", "451-[\"two\",{}]", "<b>", "42[\"three\"]");
  }

  @Test
  void halfAnEventThatWaitedIsCompletedOnTheNextLink() throws ProtocolException {
    it.link.taking = false;
    it.up("42[\"one\"]", "452-[\"two\",{},{}]", "<a>");

    linkLost();
    it.up("<b>");
    linked("s2");

    assertThat(it.uplink.packets)
        .containsExactly(CONNECT, "42[\"one\"]", "452-[\"two\",{},{}]", "<a>", "<b>");
  }

  @Test
  void callsOfADeadLinkAreNotReplayed() throws ProtocolException {
    it.cut();
    it.down("421[\"old\"]", "42[\"a\"]");
    linkLost();

    it.resume(1, "tagtag.0");

    assertThat(it.shown()).containsExactly(FIRST, "42[\"a\",\"tagtag.2\"]");
    assertThat(it.heard).contains("given up 1 unanswerable");
    assertThat(it.waiting()).isEqualTo(1);
  }

  /** It emits before it answers the CONNECT, and breaks before it does so. */
  @Test
  void callOfALinkThatNeverAnsweredCannotBeMistakenForALaterOne() throws ProtocolException {
    linkLost();
    it.down("421[\"middle\"]");
    it.cut();
    assertThat(it.uplink.closed).contains(CloseReason.CLIENT_LOST);
    it.resume(1, "tagtag.0");
    linked("s2");
    it.down("421[\"new\"]");

    it.up("431[\"late\"]", "433[\"yes\"]");

    assertThat(it.shown()).containsExactly(FIRST, SECOND, "423[\"new\"]");
    assertThat(it.uplink.packets).containsExactly(CONNECT, "431[\"yes\"]");
  }

  /** It comes back with what it knows, and gets the second CONNECT in its place. */
  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void clientThatMissedTheSecondConnectGetsItInItsTurnOnce(OffsetStyle style)
      throws ProtocolException {
    it = Conversation.live(style);
    String end = style == OffsetStyle.ARGUMENT ? ",\"tagtag.%d\"]" : "]";
    it.down("42[\"a\"]");
    linkLost();
    linked("s2");
    it.down("42[\"b\"]");
    it.cut();

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    assertThat(it.shown())
        .containsExactly(
            FIRST, "42[\"a\"" + end.formatted(1), SECOND, "42[\"b\"" + end.formatted(3));
    it.cut();
    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(FIRST, SECOND, "42[\"b\"" + end.formatted(3));
  }

  /** Nothing but the marker behind the second CONNECT could tell where it is. */
  @Test
  void clientOfAQuietSessionGetsTheSecondConnectThatItMissed() throws ProtocolException {
    it.down("42[\"a\"]");
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    linkLost();
    linked("s2");
    it.cut();

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(FIRST, SECOND);
  }

  @Test
  void clientThatHadTheSecondConnectGetsOnlyThat() throws ProtocolException {
    it.down("42[\"a\"]");
    linkLost();
    linked("s2");
    it.down("42[\"b\"]");
    it.cut();

    assertThat(it.resume(2, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(SECOND, "42[\"b\",\"tagtag.3\"]");
  }

  @Test
  void pidsAreForgottenOldestFirst() throws ProtocolException {
    for (int link = 2; link <= 9; link++) {
      linkLost();
      linked("s" + link);
    }
    it.cut();

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.UNKNOWN);
    assertThat(it.resume(2, "tagtag.0")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).hasSize(8).startsWith(SECOND);
  }

  @Test
  void parkedSessionIsRelinkedWhenItsClientComesBack() throws ProtocolException {
    it.cut();
    it.down("42[\"a\"]");
    linkLost();
    it.timers.pass(Duration.ofMinutes(1));
    assertThat(it.heard).containsExactly("parked");

    it.resume(1, "tagtag.0");
    it.up("42[\"b\"]");
    linked("s2");

    assertThat(it.heard)
        .containsExactly("parked", "unparked", "redial", "caught up after 60000", "relinked");
    assertThat(it.shown()).containsExactly(FIRST, "42[\"a\",\"tagtag.1\"]", SECOND);
    assertThat(it.uplink.packets).containsExactly(CONNECT, "42[\"b\"]");
  }

  @Test
  void clientMayBeCutOffWhileItsUpstreamIsAway() throws ProtocolException {
    linkLost();
    it.up("42[\"b\"]");
    it.cut();
    assertThat(it.uplink.closed).contains(CloseReason.CLIENT_LOST);

    it.resume(1, "tagtag.0");
    linked("s2");

    assertThat(it.shown()).containsExactly(FIRST, SECOND);
    assertThat(it.uplink.packets).containsExactly(CONNECT, "42[\"b\"]");
  }

  @Test
  void transportIsTakenOverWhileTheUpstreamIsAway() throws ProtocolException {
    linkLost();
    FakeHop old = it.transport;

    it.resume(1, "tagtag.0");
    linked("s2");

    assertThat(old.closed).contains(CloseReason.TAKEN_OVER);
    assertThat(it.shown()).containsExactly(FIRST, SECOND);
    assertThat(it.heard).containsOnlyOnce("redial");
  }

  @Test
  void sessionAdriftEndsWithItsWindow() throws ProtocolException {
    linkLost();
    it.cut();

    it.timers.pass(Conversation.WINDOW);

    assertThat(it.heard).endsWith("ended resume-expired");
  }

  /** Sockets of other namespaces cannot be told of a new link. */
  @Test
  void clientWithOtherNamespacesLosesItsTransportInstead() throws ProtocolException {
    it.down("40/admin,{\"sid\":\"a\"}");

    linkLost();

    assertThat(it.transport.closed).contains(CloseReason.OTHER_NAMESPACES);
  }

  @Test
  void clientThatHasLeftItsOtherNamespacesIsRelinked() throws ProtocolException {
    it.down("40/admin,{\"sid\":\"a\"}", "40/more,{\"sid\":\"b\"}", "41/admin,");
    it.up("41/more,");

    linkLost();

    assertThat(it.heard).containsExactly("redial");
  }

  @Test
  void sessionThatWasNeverLinkedEnds() {
    it.session.close(CloseReason.DRAINED);
    it = new Conversation(OffsetStyle.ARGUMENT);

    linkLost();

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void clientThatSendsTooMuchMeanwhileIsClosed() throws ProtocolException {
    linkLost();
    String large = "42[\"" + "x".repeat((int) Conversation.GAP - 100) + "\"]";
    it.up(large);
    assertThat(it.transport.reading).isTrue();
    assertThat(it.session.isClosed()).isFalse();

    it.up(large);

    assertThat(it.transport.closed).contains(CloseReason.RELINK_WAITING);
  }

  @Test
  void clientThatDisconnectsMeanwhileIsGone() throws ProtocolException {
    linkLost();

    it.up("41");

    assertThat(it.transport.closed).contains(CloseReason.CLIENT_DISCONNECTED);
    assertThat(it.heard).contains("revoked", "ended client-disconnected");
  }

  @Test
  void sessionIsGivenUpWhenNoUpstreamComesBack() throws ProtocolException {
    it.down("42[\"a\"]");
    linkLost();
    it.timers.pass(GIVE_UP.minusNanos(1));
    assertThat(it.session.isClosed()).isFalse();

    it.timers.pass(GIVE_UP.dividedBy(10));

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_GONE);
    assertThat(it.heard).contains("given up 1 upstream-gone");
  }

  @Test
  void sessionThatWasRelinkedIsNotGivenUp() throws ProtocolException {
    linkLost();
    linked("s2");

    it.timers.pass(GIVE_UP.multipliedBy(2));

    assertThat(it.session.isClosed()).isFalse();
  }

  /** Each CONNECT reply starts one more timer in the page. */
  @Test
  void oneHeartbeatForEachIntervalPassesAfterARelink() throws ProtocolException {
    it.up(HEARTBEAT_EVENT, HEARTBEAT_EVENT);
    assertThat(it.link.packets).hasSize(2);
    linkLost();
    linked("s2");
    it.uplink.forget();

    it.up(HEARTBEAT_EVENT);
    it.timers.pass(HEARTBEAT);
    it.up(HEARTBEAT_EVENT, HEARTBEAT_EVENT, "42[\"hello\"]", "42[\"heartbeat\",{\"x\":1}]");
    it.timers.pass(HEARTBEAT.dividedBy(4).multipliedBy(3));
    it.up(HEARTBEAT_EVENT, HEARTBEAT_EVENT);

    assertThat(it.uplink.packets)
        .containsExactly(
            HEARTBEAT_EVENT, "42[\"hello\"]", "42[\"heartbeat\",{\"x\":1}]", HEARTBEAT_EVENT);
  }

  @ParameterizedTest
  @EnumSource(names = {"UPSTREAM_BLAMED", "UPSTREAM_PROTOCOL"})
  void clientThatBreaksLinkAfterLinkIsClosed(CloseReason blamed) throws ProtocolException {
    for (int link = 0; link < 3; link++) {
      it.upstream.closed(blamed);
      linked("again");
    }
    assertThat(it.session.isClosed()).isFalse();

    it.upstream.closed(blamed);

    assertThat(it.transport.closed).contains(blamed);
  }

  @Test
  void linksThatLastBlameNobody() throws ProtocolException {
    for (int link = 0; link < 20; link++) {
      it.timers.pass(Duration.ofMinutes(1));
      it.upstream.closed(CloseReason.UPSTREAM_BLAMED);
      linked("again");
      linkLost();
      linked("again");
      it.confirm();
    }

    assertThat(it.session.isClosed()).isFalse();
  }

  @Test
  void laterLinkStartsWithTheClientsLastConnect() throws ProtocolException {
    it.up("41", "40{\"token\":\"later\"}");
    linked("s2");
    assertThat(it.heard).containsExactly("revoked");
    assertThat(it.link.packets).containsExactly("41", "40{\"token\":\"later\"}");

    linkLost();

    assertThat(it.uplink.packets).containsExactly("40{\"token\":\"later\"}");
    assertThat(it.shown()).containsExactly(SECOND);
  }

  /** A link that nobody may read, while the client is slow, would fill the memory. */
  @Test
  void slowClientKeepsTheNextLinkFromBeingReadToo() throws ProtocolException {
    it.transport.taking = false;
    it.down("42[\"" + "x".repeat(2000) + "\"]");
    assertThat(it.link.reading).isFalse();
    linkLost();
    assertThat(it.uplink.reading).isFalse();

    it.transport.taking = true;
    it.client.writable();

    assertThat(it.uplink.reading).isTrue();
  }
}
