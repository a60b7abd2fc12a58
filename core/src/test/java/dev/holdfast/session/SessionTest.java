package dev.holdfast.session;

import static dev.holdfast.session.Conversation.EVENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import org.junit.jupiter.api.Test;

class SessionTest {
  @Test
  void clientsConnectIsTheFirstPacketOnTheLink() {
    Conversation it = new Conversation(OffsetStyle.NONE);

    assertThat(it.heard).containsExactly("dial");
    assertThat(it.link.packets).containsExactly("40{\"token\":\"t\"}");
  }

  @Test
  void sessionIsAnnouncedWhenTheUpstreamAnswers() throws ProtocolException {
    Conversation it = new Conversation(OffsetStyle.NONE);
    it.heard.clear();

    it.down("40{\"sid\":\"s\"}", "40/admin,{\"sid\":\"a\"}");

    assertThat(it.heard).containsExactly("announced");
    assertThat(it.transport.packets)
        .containsExactly("40{\"sid\":\"s\"}", "40/admin,{\"sid\":\"a\"}");
  }

  @Test
  void packetsWaitForTheLinkInTheirOrder() throws ProtocolException {
    Conversation it = Conversation.live();

    it.link.taking = false;
    it.up(EVENT);
    it.up("42[\"second\"]");
    assertThat(it.link.packets).isEmpty();

    it.link.taking = true;
    it.upstream.writable();

    assertThat(it.link.packets).containsExactly(EVENT, "42[\"second\"]");
    assertThat(it.pool.taken()).isZero();
  }

  @Test
  void oneReadBecomesOneWriteOfTheSameBytes() throws ProtocolException {
    Conversation it = Conversation.live();
    it.transport.writes.clear();
    Read down = Read.ofUpstream(EVENT, "43[1]", "4213[\"call\"]");
    Read up = Read.ofClient(EVENT, "4313[\"answer\"]");

    down.tell(it.upstream);
    up.tell(it.client);

    assertThat(it.transport.writes).containsExactly(down.bytes());
    assertThat(it.link.writes).last().isEqualTo(up.bytes());
  }

  @Test
  void framesThatAreNoMessagesStayBehind() throws ProtocolException {
    Conversation it = Conversation.live();
    it.down(EVENT, Read.CONTROL, EVENT);

    assertThat(it.transport.packets).containsExactly(EVENT, EVENT);
  }

  @Test
  void messagesOfSeveralBuffersKeepTheirOrder() throws ProtocolException {
    Conversation it = Conversation.live();
    Read.ofUpstream("42[1]").tellMessages(it.upstream);
    it.down("42[2]");

    assertThat(it.transport.packets).containsExactly("42[1]", "42[2]");
  }

  @Test
  void binaryComesDownToo() throws ProtocolException {
    Conversation it = Conversation.live();
    it.down("451-[\"down\",{}]", "<one>", EVENT);

    assertThat(it.transport.packets).containsExactly("451-[\"down\",{}]", "<one>", EVENT);
  }

  @Test
  void packetLeavesOnlyWithAllItsAttachments() throws ProtocolException {
    Conversation it = Conversation.live();
    it.up(EVENT, "452-[\"up\",{},{}]", "<one>");
    assertThat(it.link.packets).containsExactly(EVENT);
    it.up("<two>", EVENT);

    assertThat(it.link.packets)
        .containsExactly(EVENT, "452-[\"up\",{},{}]", "<one>", "<two>", EVENT);
  }

  @Test
  void halfAPacketNeverLeaves() throws ProtocolException {
    Conversation it = Conversation.live();
    it.down("451-[\"down\",{}]");

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.transport.packets).isEmpty();
    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
    assertThat(it.pool.taken()).isZero();
  }

  @Test
  void textMayNotStandAmongAttachments() throws ProtocolException {
    Conversation it = Conversation.live();
    assertThatThrownBy(() -> it.up("451-[\"up\",{}]", EVENT))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("text came while 1 attachments were missing");
  }

  @Test
  void binaryNeedsAPacket() throws ProtocolException {
    Conversation it = Conversation.live();
    assertThatThrownBy(() -> it.up("<stray>"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("binary came without a packet that it belongs to");
  }

  @Test
  void eitherSideEndsTheOther() throws ProtocolException {
    Conversation it = Conversation.live();
    it.client.closed(CloseReason.CLIENT_LOST);

    assertThat(it.link.closed).contains(CloseReason.CLIENT_LOST);
    assertThat(it.heard).containsExactly("ended client-lost");
  }

  @Test
  void whatTheUpstreamSaidLastGoesBeforeTheClose() throws ProtocolException {
    Conversation it = Conversation.live();
    EngineConnection.Listener upstream = it.upstream;
    Read.ofUpstream("41").tellMessages(upstream);

    upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.transport.packets).containsExactly("41");
    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void closedSessionIsDeafAndEndsOnce() throws ProtocolException {
    Conversation it = Conversation.live();
    it.session.close(CloseReason.DRAINED);
    it.session.close(CloseReason.INTERNAL);

    it.up(EVENT);
    it.down(EVENT);
    it.client.writable();
    it.upstream.writable();

    assertThat(it.session.isClosed()).isTrue();
    assertThat(it.link.packets).isEmpty();
    assertThat(it.transport.packets).isEmpty();
    assertThat(it.heard).containsExactly("ended drained");
  }

  @Test
  void confirmationsMeanNothingWithoutAnOutbox() throws ProtocolException {
    Conversation it = Conversation.live();
    it.client.acknowledged(100);

    assertThat(it.heard).isEmpty();
    assertThat(it.delivered).isZero();
  }
}
