package dev.holdfast.session;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands a session off to its client's node. Pauses reads of the link until the client has confirmed
 * everything, then offers the snapshot to that node. Until the node has accepted the offer, the
 * session stays here. Confined to its session.
 */
final class Handoff {
  private final Session session;
  private final Parts parts;
  private final Timer limit;
  private @Nullable EngineConnection paused;
  private @Nullable Offer offer;

  Handoff(Session session, Parts parts) {
    this.session = session;
    this.parts = parts;
    this.limit = new Timer(parts.setup().timers());
  }

  /** Returns whether another node may already own the session. */
  boolean isOffered() {
    return offer != null;
  }

  /**
   * Begins if there is a node that would take over a live session. The attempt ends without effect
   * if the client does not confirm in time.
   */
  void begin() {
    EngineConnection link = Objects.requireNonNull(parts.uplink().connection());
    EngineConnection transport = Objects.requireNonNull(parts.downlink().connection());
    if (paused == null && transport.successor().isPresent()) {
      paused = link;
      link.pauseReads(PauseReason.HANDOFF);
      limit.start(parts.setup().limits().lags(), this::stop);
      transport.ping();
    }
  }

  /** Cancels the attempt unless the session was offered already. It may be repeated. */
  void stop() {
    if (offer == null) {
      end();
    }
  }

  /** Ends the attempt and releases its resources. */
  void end() {
    limit.stop();
    if (offer != null) {
      byte[] unused = offer.take();
      offer = null;
    }
    EngineConnection link = paused;
    paused = null;
    if (link != null) {
      link.resumeReads(PauseReason.HANDOFF);
    }
  }

  /**
   * Checks whether the session can be offered, after a confirmation or when the transport is
   * writable.
   */
  void look() {
    if (paused == null || offer != null) {
      return;
    }
    EngineConnection transport = Objects.requireNonNull(parts.downlink().connection());
    Optional<String> successor = transport.successor();
    if (successor.isEmpty()) {
      stop();
    } else if (isSettled()) {
      offer(transport, successor.get());
    } else {
      transport.ping();
    }
  }

  private boolean isSettled() {
    ForwardBuffer up = parts.up();
    return !session.stages().areSuspended()
        && parts.delivery().isSettled()
        && up.waitingBytes() == 0
        && up.missingAttachments() == 0
        && !parts.uplink().hasAnswersAside();
  }

  private void offer(EngineConnection transport, String successor) {
    byte[] message = parts.context().handoffMessage(snapshot());
    if (transport.send(ByteBuffer.wrap(TextFrame.of(message)))) {
      limit.stop();
      offer = new Offer(transport, successor, parts.downlink().detachable());
    }
    // Otherwise it is retried when the transport accepts frames.
  }

  private SessionSnapshot snapshot() {
    Delivery delivery = parts.delivery();
    return new SessionSnapshot(
        parts.setup().tag(),
        delivery.log().counter(),
        parts.setup().style() == SessionSetup.OffsetStyle.ARGUMENT,
        delivery.log().isSilent(),
        delivery.given(),
        delivery.isPidKnown(),
        new String(parts.uplink().connect(), StandardCharsets.UTF_8),
        new String(parts.uplink().reply(), StandardCharsets.UTF_8),
        parts.calls().highest(),
        parts.calls().waiting(),
        session.stages().save());
  }

  /**
   * Receives the events of the transport from the offer until the owner of the session is known.
   */
  private final class Offer implements EngineConnection.Listener {
    private final EngineConnection transport;
    private final String successor;
    private final DetachableListener detachable;
    private final EngineConnection.Listener former;
    private final FrameBatch meanwhile = new FrameBatch();

    Offer(EngineConnection transport, String successor, DetachableListener detachable) {
      this.transport = transport;
      this.successor = successor;
      this.detachable = detachable;
      this.former = Objects.requireNonNull(detachable.listener());
      detachable.to(this);
    }

    @Override
    public void takenOver() {
      EngineConnection link = parts.uplink().connection();
      if (link == null || !link.equals(paused)) {
        detachable.cut();
        transport.close(CloseReason.UPSTREAM_CLOSED);
        leave();
        return;
      }
      final byte[] sent = take();
      LinkForwarder forwarder = new LinkForwarder(transport, link, parts.calls(), parts.setup());
      detachable.to(forwarder.ofTransport(), forwarder.boundary());
      parts.uplink().forwardThrough(forwarder.ofLink(), forwarder.boundary());
      handOff();
      pass(sent, detachable);
    }

    @Override
    public void closed(CloseReason reason) {
      if (mayBeTaken(reason)) {
        parts.downlink().lost();
        leave();
        return;
      }
      byte[] sent = take();
      detachable.to(former);
      end();
      pass(sent, detachable);
      detachable.closed(reason);
    }

    /**
     * Returns whether the offer may have been read. A node that declines closes the connection
     * itself.
     */
    private static boolean mayBeTaken(CloseReason reason) {
      return reason == CloseReason.NODE_LOST || reason == CloseReason.PING_TIMEOUT;
    }

    /** Leaves the session to the other node, which has to open its own link. */
    private void leave() {
      parts.uplink().close(CloseReason.HANDED_OFF);
      handOff();
    }

    private void handOff() {
      parts.context().handedOff(successor);
      session.step(SessionState::handedOff);
      end();
    }

    /** Buffers the message for the node that turns out to own the session. */
    @Override
    public void message(Message message) {
      if (parts.setup().pool().reserve(message.end() - message.start())) {
        meanwhile.add(message);
      } else {
        session.close(CloseReason.NO_BUFFERS);
      }
    }

    private byte[] take() {
      parts.setup().pool().release(meanwhile.bytes());
      return meanwhile.take();
    }

    private void pass(byte[] sent, EngineConnection.Listener owner) {
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
      former.writable();
    }

    @Override
    public void acknowledged(long bytes) {
      former.acknowledged(bytes);
    }
  }
}
