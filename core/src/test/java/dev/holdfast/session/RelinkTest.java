package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
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

  @Test
  void nodeIsToldWhichPidIsGoodForNothingAnyMore() throws ProtocolException {
    for (int pid = 2; pid <= 10; pid++) {
      linkLost();
      linked("s" + pid);
    }

    assertThat(it.heard)
        .filteredOn(each -> each.startsWith("revoked"))
        .containsExactly("revoked pid1", "revoked pid2");
    it.cut();
    assertThat(it.resume(2, null)).isEqualTo(Result.UNKNOWN);
    assertThat(it.resume(3, null)).isEqualTo(Result.RECOVERED);
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
    EngineConnection.Listener dead = it.upstream;
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
    it.up("462-3[{},{}]");

    linkLost();
    linkLost();
    it.up("<c>", "<d>", "42[\"three\"]");
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
    FakeConnection old = it.transport;

    it.resume(1, "tagtag.0");
    linked("s2");

    assertThat(old.closed).contains(CloseReason.TAKEN_OVER);
    assertThat(it.shown()).containsExactly(FIRST, SECOND);
    assertThat(it.heard).containsOnlyOnce("redial");
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
}
