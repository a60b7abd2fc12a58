package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ManualTimers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(45);
  private static final Duration SLOW = Duration.ofSeconds(10);
  private static final long WAITING = 1000;
  private static final String EVENT = "42[\"events\",{\"a\":1}]";
  private static final String LARGE = "42[\"" + "x".repeat(900) + "\"]";

  private final ManualTimers timers = new ManualTimers();
  private final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);
  private final FakeHop transport = new FakeHop(false);
  private final FakeHop link = new FakeHop(true);
  private final Node node = new Node();
  private final Session session =
      new Session(
          transport, node, new Session.Limits(2, WAITING, CONNECT_TIMEOUT, SLOW), timers, pool);
  private final Hop.Receiver fromClient = session.transportSide();

  /** Remembers what the session asks of its node. */
  private final class Node implements Surroundings {
    private final List<String> heard = new ArrayList<>();
    private Hop.Receiver fromUpstream = new Nobody();

    @Override
    public Hop dial(Message connect, Hop.Receiver receiver) {
      heard.add("dial " + new String(connect.bytes(0), StandardCharsets.UTF_8));
      fromUpstream = receiver;
      return link;
    }

    @Override
    public void userJoined(Message event) {
      heard.add("joined " + new String(event.bytes(0), StandardCharsets.UTF_8));
    }

    @Override
    public void announced() {
      heard.add("announced");
    }

    @Override
    public void ended(CloseReason reason) {
      heard.add("ended " + reason.label());
    }
  }

  private static final class Nobody implements Hop.Receiver {
    @Override
    public void message(Message message) {}

    @Override
    public void batchEnd() {}

    @Override
    public void writable() {}

    @Override
    public void closed(CloseReason reason) {}
  }

  private void live() throws ProtocolException {
    Read.ofClient("40{\"token\":\"t\"}").tell(fromClient);
    Read.ofUpstream("40{\"sid\":\"s\"}").tell(node.fromUpstream);
    link.packets.clear();
    transport.packets.clear();
    node.heard.clear();
  }

  @Test
  void connectOpensALinkAndGoesUpAsItCame() throws ProtocolException {
    Read connect = Read.ofClient("40{\"token\":\"t\"}");

    connect.tell(fromClient);

    assertThat(node.heard).containsExactly("dial 40{\"token\":\"t\"}");
    assertThat(link.writes).containsExactly(connect.bytes());
  }

  @Test
  void sessionIsAnnouncedWhenTheUpstreamAnswers() throws ProtocolException {
    Read.ofClient("40").tell(fromClient);
    node.heard.clear();

    Read.ofUpstream("40{\"sid\":\"s\"}", "40/admin,{\"sid\":\"a\"}").tell(node.fromUpstream);

    assertThat(node.heard).containsExactly("announced");
    assertThat(transport.packets).containsExactly("40{\"sid\":\"s\"}", "40/admin,{\"sid\":\"a\"}");
  }

  @Test
  void nothingMayComeBeforeConnect() {
    assertThatThrownBy(() -> Read.ofClient(EVENT).tell(fromClient))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("a packet came before CONNECT");
  }

  @Test
  void packetsWaitForTheLinkInTheirOrder() throws ProtocolException {
    link.taking = false;
    Read.ofClient("40", EVENT).tell(fromClient);
    Read.ofClient("42[\"second\"]").tell(fromClient);
    assertThat(link.packets).isEmpty();

    link.taking = true;
    node.fromUpstream.writable();

    assertThat(link.packets).containsExactly("40", EVENT, "42[\"second\"]");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void oneReadBecomesOneWriteOfTheSameBytes() throws ProtocolException {
    live();
    transport.writes.clear();
    Read down = Read.ofUpstream(EVENT, "43[1]", "4213[\"call\"]");
    Read up = Read.ofClient(EVENT, "4313[\"answer\"]");

    down.tell(node.fromUpstream);
    up.tell(fromClient);

    assertThat(transport.writes).containsExactly(down.bytes());
    assertThat(link.writes).last().isEqualTo(up.bytes());
  }

  @Test
  void packetLeavesOnlyWithAllItsAttachments() throws ProtocolException {
    live();

    Read.ofClient(EVENT, "452-[\"up\",{},{}]", "<one>").tell(fromClient);
    assertThat(link.packets).containsExactly(EVENT);
    Read.ofClient("<two>", EVENT).tell(fromClient);

    assertThat(link.packets).containsExactly(EVENT, "452-[\"up\",{},{}]", "<one>", "<two>", EVENT);
  }

  @Test
  void halfAPacketNeverLeaves() throws ProtocolException {
    live();
    Read.ofUpstream("451-[\"down\",{}]").tell(node.fromUpstream);

    node.fromUpstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(transport.packets).isEmpty();
    assertThat(transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void textMayNotStandAmongAttachments() throws ProtocolException {
    live();

    assertThatThrownBy(() -> Read.ofClient("451-[\"up\",{}]", EVENT).tell(fromClient))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("text came while 1 attachments were missing");
  }

  @Test
  void binaryNeedsAPacket() throws ProtocolException {
    live();

    assertThatThrownBy(() -> Read.ofClient("<stray>").tell(fromClient))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("binary came without a packet that it belongs to");
  }

  @Test
  void packetOverTheLimitOfAttachmentsEndsTheSession() throws ProtocolException {
    live();

    Read.ofClient("453-[\"up\",{},{},{}]").tell(fromClient);

    assertThat(transport.closed).contains(CloseReason.TOO_MANY_ATTACHMENTS);
    assertThat(link.packets).isEmpty();
  }

  @Test
  void upstreamIsHeldToTheLimitOfAttachmentsToo() throws ProtocolException {
    live();

    Read.ofUpstream("453-[\"down\",{},{},{}]").tell(node.fromUpstream);

    assertThat(transport.closed).contains(CloseReason.UPSTREAM_PROTOCOL);
  }

  @Test
  void slowTransportStopsOnlyItsOwnLinkUntilItHasDrained() throws ProtocolException {
    live();
    transport.taking = false;

    Read.ofUpstream(LARGE, LARGE).tell(node.fromUpstream);
    assertThat(link.reading).isFalse();
    transport.taking = true;
    fromClient.writable();

    assertThat(link.reading).isTrue();
    assertThat(transport.packets).containsExactly(LARGE, LARGE);
    timers.pass(SLOW.multipliedBy(2));
    assertThat(transport.closed).isEmpty();
  }

  @Test
  void transportThatStaysSlowEndsTheSession() throws ProtocolException {
    live();
    transport.taking = false;
    Read.ofUpstream(LARGE, LARGE).tell(node.fromUpstream);

    timers.pass(SLOW.minusNanos(1));
    assertThat(transport.closed).isEmpty();
    timers.pass(Duration.ofNanos(1));

    assertThat(transport.closed).contains(CloseReason.SLOW_TRANSPORT);
    assertThat(link.closed).contains(CloseReason.SLOW_TRANSPORT);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void slowLinkStopsTheTransportWithoutADeadline() throws ProtocolException {
    live();
    link.taking = false;

    Read.ofClient(LARGE, LARGE).tell(fromClient);
    timers.pass(SLOW.multipliedBy(2));
    assertThat(transport.reading).isFalse();
    link.taking = true;
    node.fromUpstream.writable();

    assertThat(transport.reading).isTrue();
    assertThat(transport.closed).isEmpty();
    assertThat(link.packets).containsExactly(LARGE, LARGE);
  }

  @Test
  void whatWaitsMayNotTakeMoreThanThePoolHas() throws ProtocolException {
    live();
    transport.taking = false;
    pool.take(4 * BufferPool.BLOCK);

    Read.ofUpstream(EVENT).tell(node.fromUpstream);

    assertThat(transport.closed).contains(CloseReason.NO_BUFFERS);
    assertThat(link.closed).contains(CloseReason.NO_BUFFERS);
  }

  @Test
  void clientsBytesMayNotTakeMoreThanThePoolHasEither() throws ProtocolException {
    live();
    link.taking = false;
    pool.take(4 * BufferPool.BLOCK);

    Read.ofClient(EVENT).tell(fromClient);

    assertThat(transport.closed).contains(CloseReason.NO_BUFFERS);
  }

  @Test
  void clientThatNeverConnectsIsClosedAtItsDeadline() {
    timers.pass(CONNECT_TIMEOUT.minusNanos(1));
    assertThat(transport.closed).isEmpty();
    timers.pass(Duration.ofNanos(1));

    assertThat(transport.closed).contains(CloseReason.CONNECT_TIMEOUT);
    assertThat(node.heard).containsExactly("ended connect-timeout");
  }

  @Test
  void connectedClientHasNoDeadline() throws ProtocolException {
    live();

    timers.pass(CONNECT_TIMEOUT.multipliedBy(2));

    assertThat(transport.closed).isEmpty();
    assertThat(timers.waiting()).isZero();
  }

  @Test
  void eitherSideEndsTheOther() throws ProtocolException {
    live();

    fromClient.closed(CloseReason.CLIENT_LOST);

    assertThat(link.closed).contains(CloseReason.CLIENT_LOST);
    assertThat(node.heard).containsExactly("ended client-lost");
  }

  @Test
  void whatTheUpstreamSaidLastGoesBeforeTheClose() throws ProtocolException {
    live();
    Hop.Receiver upstream = node.fromUpstream;
    Message message = new Message();
    ByteBuffer frame = ByteBuffer.wrap(Read.ofUpstream("41").bytes());
    upstream.message(message.at(frame, 0, 2, 4).as(0, true));

    upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(transport.packets).containsExactly("41");
    assertThat(transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void closedSessionIsDeafAndEndsOnce() throws ProtocolException {
    live();
    session.close(CloseReason.DRAINED);
    session.close(CloseReason.INTERNAL);

    Read.ofClient(EVENT).tell(fromClient);
    Read.ofUpstream(EVENT).tell(node.fromUpstream);
    fromClient.writable();
    node.fromUpstream.writable();

    assertThat(session.isClosed()).isTrue();
    assertThat(link.packets).isEmpty();
    assertThat(transport.packets).isEmpty();
    assertThat(node.heard).containsExactly("ended drained");
  }

  @Test
  void sessionThatIsDrainedBeforeItConnectsHasNoLinkToClose() {
    fromClient.writable();
    session.close(CloseReason.DRAINED);

    assertThat(transport.closed).contains(CloseReason.DRAINED);
    assertThat(link.closed).isEmpty();
  }

  @Test
  void userJoinTellsWhoTheClientIs() throws ProtocolException {
    live();

    Read.ofClient("420[\"user-join\",{\"auth\":{\"token\":\"t\"}}]").tell(fromClient);

    assertThat(node.heard)
        .containsExactly("joined 420[\"user-join\",{\"auth\":{\"token\":\"t\"}}]");
    assertThat(link.packets).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"user-jump\"]",
        "42[\"usage\",{}]",
        "42[\"u\"]",
        "430[\"user-join\"]",
        "42/admin,[\"user-join\"]"
      })
  void otherPacketsTellNothing(String packet) throws ProtocolException {
    live();

    Read.ofClient(packet).tell(fromClient);

    assertThat(node.heard).isEmpty();
    assertThat(link.packets).containsExactly(packet);
  }
}
