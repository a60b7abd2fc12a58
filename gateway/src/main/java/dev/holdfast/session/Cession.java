package dev.holdfast.session;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Alarm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives a session to the node that its client is on: waits, with the link unread, until the client
 * has confirmed everything, and then offers that node what it needs. Until the other node has said
 * that it took the offer, the session stays here. Confined to its session.
 */
final class Cession {
  private final Parts parts;
  private final Alarm limit;
  private @Nullable Hop paused;
  private @Nullable Offer offer;

  Cession(Parts parts) {
    this.parts = parts;
    this.limit = new Alarm(parts.setup().timers());
  }

  /** Whether another node may own the session already. */
  boolean isOffered() {
    return offer != null;
  }

  /**
   * Begins, if there is somebody to give a live session to. It may be that the client does not
   * confirm in time, and nothing comes of it.
   */
  void begin() {
    Hop link = Objects.requireNonNull(parts.uplink().hop());
    Hop transport = Objects.requireNonNull(parts.downlink().hop());
    if (paused == null && transport.heir().isPresent()) {
      paused = link;
      link.pauseReads(PauseReason.HANDOFF);
      limit.start(parts.setup().limits().lags(), this::stop);
      transport.ping();
    }
  }

  /** Leaves the session where it is, unless it is offered already; it may be tried again. */
  void stop() {
    if (offer == null) {
      end();
    }
  }

  /** Ends the attempt, and releases whatever it holds. */
  void end() {
    limit.stop();
    if (offer != null) {
      byte[] unused = offer.take();
      offer = null;
    }
    Hop link = paused;
    paused = null;
    if (link != null) {
      link.resumeReads(PauseReason.HANDOFF);
    }
  }

  /** The client has confirmed something, or takes more: the session may be offered now. */
  void look() {
    if (paused == null || offer != null) {
      return;
    }
    Hop transport = Objects.requireNonNull(parts.downlink().hop());
    Optional<String> heir = transport.heir();
    if (heir.isEmpty()) {
      stop();
    } else if (isSettled()) {
      offer(transport, heir.get());
    } else {
      transport.ping();
    }
  }

  private boolean isSettled() {
    Lane up = parts.up();
    return parts.delivery().outbox().isSettled()
        && up.waitingBytes() == 0
        && up.missingAttachments() == 0
        && !parts.uplink().hasAnswersAside();
  }

  private void offer(Hop transport, String heir) {
    byte[] will = parts.surroundings().will(estate());
    if (transport.send(ByteBuffer.wrap(TextFrame.of(will)))) {
      limit.stop();
      offer = new Offer(transport, heir, parts.downlink().attachment());
    }
    // Else it is tried again when the transport takes something.
  }

  private Estate estate() {
    Delivery delivery = parts.delivery();
    return new Estate(
        parts.setup().tag(),
        delivery.outbox().counter(),
        parts.setup().style() == SessionSetup.OffsetStyle.ARGUMENT,
        delivery.given(),
        delivery.isPidKnown(),
        new String(parts.uplink().connect(), StandardCharsets.UTF_8),
        new String(parts.uplink().reply(), StandardCharsets.UTF_8),
        parts.calls().highest(),
        parts.calls().waiting(),
        parts.clientPackets().pacesHeartbeats());
  }

  /** Hears the transport from the offer on until it is known who owns the session. */
  private final class Offer implements Hop.Receiver {
    private final Hop transport;
    private final String heir;
    private final Attachment attachment;
    private final Hop.Receiver session;
    private final FrameBatch meanwhile = new FrameBatch();

    Offer(Hop transport, String heir, Attachment attachment) {
      this.transport = transport;
      this.heir = heir;
      this.attachment = attachment;
      this.session = Objects.requireNonNull(attachment.heard());
      attachment.to(this);
    }

    @Override
    public void takenOver() {
      Hop link = parts.uplink().hop();
      if (link == null || !link.equals(paused)) {
        attachment.cut();
        transport.close(CloseReason.UPSTREAM_CLOSED);
        leave();
        return;
      }
      final byte[] sent = take();
      LentLink lent = new LentLink(transport, link, parts.calls(), parts.setup());
      attachment.to(lent.ofTransport(), lent.boundary());
      parts.uplink().lend(lent.ofLink(), lent.boundary());
      cede();
      pass(sent, attachment);
    }

    @Override
    public void closed(CloseReason reason) {
      if (mayBeTaken(reason)) {
        parts.downlink().lost();
        leave();
        return;
      }
      byte[] sent = take();
      attachment.to(session);
      end();
      pass(sent, attachment);
      attachment.closed(reason);
    }

    /** Whether the offer may have been read; a node that declines closes the connection itself. */
    private static boolean mayBeTaken(CloseReason reason) {
      return reason == CloseReason.NODE_LOST || reason == CloseReason.PING_TIMEOUT;
    }

    /** The session belongs to the other node, which has to open a link of its own. */
    private void leave() {
      parts.uplink().close(CloseReason.CEDED);
      cede();
    }

    private void cede() {
      parts.surroundings().ceded(heir);
      parts.session().step(SessionState::ceded);
      end();
    }

    /** Keeps the message for whichever node turns out to own the session. */
    @Override
    public void message(Message message) {
      if (parts.setup().pool().reserve(message.end() - message.start())) {
        meanwhile.add(message);
      } else {
        parts.session().close(CloseReason.NO_BUFFERS);
      }
    }

    private byte[] take() {
      parts.setup().pool().release(meanwhile.bytes());
      return meanwhile.take();
    }

    private void pass(byte[] sent, Hop.Receiver owner) {
      try {
        FrameBatch.each(sent, owner::message);
        owner.batchEnd();
      } catch (ProtocolException e) {
        transport.close(CloseReason.PROTOCOL_ERROR);
        owner.closed(CloseReason.PROTOCOL_ERROR);
      }
    }

    @Override
    public void batchEnd() {
      // Kept until the owner is known.
    }

    @Override
    public void writable() {
      session.writable();
    }

    @Override
    public void acknowledged(long bytes) {
      session.acknowledged(bytes);
    }
  }
}
