package dev.holdfast.session;

import static dev.holdfast.session.Conversation.GIVE_UP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When there is no other link, or not at once. */
class RelinkLimitsTest {
  private static final String CONNECT = "40{\"token\":\"t\"}";

  private Conversation it;

  RelinkLimitsTest() throws ProtocolException {
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
  void sessionAdriftEndsWithItsWindow() throws ProtocolException {
    linkLost();
    it.cut();

    it.timers.pass(Conversation.WINDOW);

    assertThat(it.heard).endsWith("ended resume-expired", "unparked");
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

  /** A token that is worth nothing any more: the page may bring another. */
  @Test
  void clientThatTheNextLinkRefusesMayConnectAgain() throws ProtocolException {
    linkLost();
    it.up("42[\"before\"]");
    it.down("44{\"message\":\"no\"}");
    assertThat(it.heard).containsExactly("redial", "revoked");
    assertThat(it.resume(1, "tagtag.0")).isEqualTo(ResumeResult.Result.UNKNOWN);

    it.up("40{\"token\":\"new\"}");
    linked("s2");

    assertThat(it.uplink.packets)
        .containsExactly(CONNECT, "42[\"before\"]", "40{\"token\":\"new\"}");
    assertThat(it.shown())
        .containsExactly("44{\"message\":\"no\"}", "40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
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

  /** A new link would go on behind the event that is missing, and nobody would know. */
  @Test
  void clientIsToldOfAnEventThatIsTooLarge() {
    it.upstream.closed(CloseReason.UPSTREAM_MESSAGE);

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_MESSAGE);
    assertThat(it.session.isClosed()).isTrue();
  }

  @Test
  void clientThatIsAwayDoesNotComeBackToASessionWithAHole() {
    it.client.closed(CloseReason.CLIENT_LOST);

    it.upstream.closed(CloseReason.UPSTREAM_MESSAGE);

    assertThat(it.session.isClosed()).isTrue();
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
