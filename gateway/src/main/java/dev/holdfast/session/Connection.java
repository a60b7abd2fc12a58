package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.session.SessionState.Overlapping;
import dev.holdfast.session.SessionState.Relinking;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whether the client is connected in the sense of Socket.IO: what both sides say about that.
 * Confined to its session.
 */
final class Connection implements ClientPackets.Session, LinkPackets.Session {
  private final Session session;
  private final Uplink uplink;
  private final @Nullable Delivery delivery;
  private final LinkTrust trust;
  private final Json json;
  private boolean there;

  Connection(
      Session session, Uplink uplink, @Nullable Delivery delivery, LinkTrust trust, Json json) {
    this.session = session;
    this.uplink = uplink;
    this.delivery = delivery;
    this.trust = trust;
    this.json = json;
  }

  /** Whether the upstream has let the client in, and neither has ended that. */
  boolean isThere() {
    return there;
  }

  /** The client was let in at the session's former node. */
  void adopt() {
    there = true;
    trust.linked();
    session.step(SessionState::linked);
  }

  private void forget() {
    there = false;
    if (delivery != null) {
      delivery.forgetPids();
    }
  }

  @Override
  public Message connecting(Message packet) {
    if (delivery == null) {
      return packet;
    }
    settle();
    forget();
    byte[] connect = json.withoutResumeRequest(packet.bytes(0));
    return new Message().ofFrame(ByteBuffer.wrap(uplink.connectAgain(connect)), true);
  }

  @Override
  public boolean disconnecting() {
    settle();
    forget();
    if (session.state() instanceof Relinking) {
      session.close(CloseReason.CLIENT_DISCONNECTED);
    }
    return !session.isClosed();
  }

  @Override
  public void emitting() {
    if (delivery != null) {
      delivery.clientIsConnected();
    }
  }

  /** What the client says about its connection is for one link. */
  private void settle() {
    session.step(
        session.state() instanceof Overlapping ? SessionState::switched : SessionState::nextLost);
  }

  @Override
  public void linked(byte[] reply) {
    uplink.replied(reply);
    there = true;
    trust.linked();
    session.step(SessionState::linked);
  }

  @Override
  public void disconnected() {
    session.step(SessionState::nextLost);
    forget();
    // The client may connect again on the transport that it has.
    uplink.pass();
  }

  @Override
  public void full() {
    session.outboxFull();
  }
}
