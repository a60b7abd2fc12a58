package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.time.ManualTimers;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkForwarderTest {
  private static final String EVENT = "42[\"events\",{\"a\":1}]";
  private static final String UP = "42[\"up\",1]";

  private final ManualTimers timers = new ManualTimers();
  private final BufferPool pool = new BufferPool(Conversation.POOL);
  private final FakeConnection transport = new FakeConnection(false);
  private final FakeConnection link = new FakeConnection(true);
  private final SessionSetup setup =
      new SessionSetup(
          new SessionSetup.Limits(
              Conversation.ATTACHMENTS,
              Conversation.WAITING,
              Conversation.SLOW,
              Conversation.OUTBOX,
              Conversation.WINDOW,
              Conversation.LEFT_WINDOW,
              true,
              Conversation.GIVE_UP,
              Conversation.GAP,
              Conversation.OVERLAP,
              Conversation.LAG),
          OffsetStyle.ARGUMENT,
          "tagtag",
          0,
          timers,
          pool,
          new BufferPool(Conversation.POOL),
          new TextJson());
  private final Calls calls = new Calls(0);
  private final LinkForwarder forwarder = new LinkForwarder(transport, link, calls, setup);
  private final EngineConnection.Listener ofTransport = forwarder.ofTransport();
  private final EngineConnection.Listener ofLink = forwarder.ofLink();

  @AfterEach
  void nothingIsLeft() {
    assertThat(pool.taken()).isZero();
    assertThat(timers.waiting()).isZero();
  }

  private void transportEndsWhileTheLinkIsSlow() throws ProtocolException {
    link.taking = false;
    Read.ofClient(UP).tell(ofTransport);
    ofTransport.closed(CloseReason.NODE_LOST);
  }

  @Test
  void callThatWasAnsweredBeforeIsAnsweredOnce() throws ProtocolException {
    calls.asked(7, ByteBuffer.allocate(0), 0, 0);
    calls.asked(8, ByteBuffer.allocate(1), 0, 1);
    calls.answered(7);

    Read.ofClient("437[]", "461-8[{}]", "<att>", "461-8[{}]", "<att>", "439[]", "43/n,7[]")
        .tell(ofTransport);

    assertThat(link.packets).containsExactly("461-8[{}]", "<att>", "439[]", "43/n,7[]");
  }

  @Test
  void endOfOneSideEndsTheOther() {
    ofLink.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
    assertThat(link.closed).isEmpty();
  }

  @Test
  void whatWasSentBeforeTheEndStillGoesOn() throws ProtocolException {
    transport.taking = false;
    Read.ofUpstream(EVENT).tell(ofLink);
    ofLink.closed(CloseReason.UPSTREAM_CLOSED);
    assertThat(transport.closed).isEmpty();

    transport.taking = true;
    ofTransport.writable();

    assertThat(transport.packets).containsExactly(EVENT);
    assertThat(transport.closed).contains(CloseReason.UPSTREAM_CLOSED);
  }

  @Test
  void sideThatStaysIsWaitedForUntilItHasTakenAll() throws ProtocolException {
    transportEndsWhileTheLinkIsSlow();
    ofLink.writable();
    assertThat(link.closed).isEmpty();

    link.taking = true;
    ofLink.writable();
    ofLink.writable();

    assertThat(link.packets).containsExactly(UP);
    assertThat(link.closed).contains(CloseReason.NODE_LOST);
  }

  @Test
  void sideThatStaysIsNotHeardAnyMore() throws ProtocolException {
    transportEndsWhileTheLinkIsSlow();

    Read.ofUpstream(EVENT).tell(ofLink);
    link.taking = true;
    ofLink.writable();
    Read.ofUpstream(EVENT).tell(ofLink);

    assertThat(transport.packets).isEmpty();
    assertThat(link.packets).containsExactly(UP);
  }

  @Test
  void sideThatStaysSlowIsNotWaitedForWithoutEnd() throws ProtocolException {
    transportEndsWhileTheLinkIsSlow();

    timers.pass(setup.limits().slowTransport().plus(Duration.ofSeconds(1)));

    assertThat(link.closed).contains(CloseReason.SLOW_TRANSPORT);
  }

  @Test
  void bothMayEndWhileSomethingWaits() throws ProtocolException {
    transportEndsWhileTheLinkIsSlow();

    ofLink.closed(CloseReason.UPSTREAM_CLOSED);
    ofLink.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(link.closed).isEmpty();
    assertThat(transport.closed).isEmpty();
  }

  @Test
  void errorEndsBothSidesOnce() {
    forwarder.boundary().failed(new IllegalStateException("a fault"));
    forwarder.boundary().failed(new IllegalStateException("another one"));

    assertThat(link.closed).contains(CloseReason.INTERNAL);
    assertThat(transport.closed).contains(CloseReason.INTERNAL);
  }
}
