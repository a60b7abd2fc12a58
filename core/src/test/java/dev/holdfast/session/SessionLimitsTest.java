package dev.holdfast.session;

import static dev.holdfast.session.Conversation.EVENT;
import static dev.holdfast.session.Conversation.SLOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SessionLimitsTest {
  private static final String LARGE = "42[\"" + "x".repeat(900) + "\"]";

  @Test
  void packetOverTheLimitOfAttachmentsEndsTheSession() throws ProtocolException {
    Conversation it = Conversation.live();
    it.up("453-[\"up\",{},{},{}]");

    assertThat(it.transport.closed).contains(CloseReason.TOO_MANY_ATTACHMENTS);
    assertThat(it.link.packets).isEmpty();
  }

  @Test
  void upstreamIsHeldToTheLimitOfAttachmentsToo() throws ProtocolException {
    Conversation it = Conversation.live();
    it.down("453-[\"down\",{},{},{}]");

    assertThat(it.transport.closed).contains(CloseReason.UPSTREAM_PROTOCOL);
  }

  @Test
  void slowTransportStopsOnlyItsOwnLinkUntilItHasDrained() throws ProtocolException {
    Conversation it = Conversation.live();
    it.transport.taking = false;

    it.down(LARGE, LARGE);
    assertThat(it.link.reading).isFalse();
    it.transport.taking = true;
    it.client.writable();

    assertThat(it.link.reading).isTrue();
    assertThat(it.transport.packets).containsExactly(LARGE, LARGE);
    it.timers.pass(SLOW.multipliedBy(2));
    assertThat(it.transport.closed).isEmpty();
  }

  @Test
  void transportThatStaysSlowEndsTheSession() throws ProtocolException {
    Conversation it = Conversation.live();
    it.transport.taking = false;
    it.down(LARGE, LARGE);

    it.timers.pass(SLOW.minusNanos(1));
    it.down(EVENT);
    it.client.writable();
    assertThat(it.transport.closed).isEmpty();
    it.timers.pass(Duration.ofNanos(1));

    assertThat(it.transport.closed).contains(CloseReason.SLOW_TRANSPORT);
    assertThat(it.link.closed).contains(CloseReason.SLOW_TRANSPORT);
    assertThat(it.pool.taken()).isZero();
  }

  @Test
  void slowLinkStopsTheTransportWithoutADeadline() throws ProtocolException {
    Conversation it = Conversation.live();
    it.link.taking = false;

    it.up(LARGE, LARGE);
    it.timers.pass(SLOW.multipliedBy(2));
    assertThat(it.transport.reading).isFalse();
    it.link.taking = true;
    it.upstream.writable();

    assertThat(it.transport.reading).isTrue();
    assertThat(it.transport.closed).isEmpty();
    assertThat(it.link.packets).containsExactly(LARGE, LARGE);
  }

  @Test
  void whatWaitsMayNotTakeMoreThanThePoolHas() throws ProtocolException {
    Conversation it = Conversation.live();
    it.transport.taking = false;
    it.pool.take(4 * BufferPool.BLOCK);

    it.down(EVENT);

    assertThat(it.transport.closed).contains(CloseReason.NO_BUFFERS);
    assertThat(it.link.closed).contains(CloseReason.NO_BUFFERS);
  }

  @Test
  void poolMayRunOutInTheMiddleOfARead() throws ProtocolException {
    Conversation it = Conversation.live();
    it.transport.taking = false;
    it.pool.take(4 * BufferPool.BLOCK);

    it.down(EVENT, Read.CONTROL, EVENT);

    assertThat(it.transport.closed).contains(CloseReason.NO_BUFFERS);
    assertThat(it.heard).containsExactly("ended no-buffers");
  }

  @Test
  void clientsBytesMayNotTakeMoreThanThePoolHasEither() throws ProtocolException {
    Conversation it = Conversation.live();
    it.link.taking = false;
    it.pool.take(4 * BufferPool.BLOCK);

    it.up(EVENT);

    assertThat(it.transport.closed).contains(CloseReason.NO_BUFFERS);
  }

  @Test
  void connectedClientHasNoDeadline() throws ProtocolException {
    Conversation it = Conversation.live();
    it.timers.pass(Duration.ofHours(1));

    assertThat(it.transport.closed).isEmpty();
    assertThat(it.timers.waiting()).isZero();
  }
}
