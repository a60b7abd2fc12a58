package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.session.SessionState.Overlapping;
import dev.holdfast.session.SessionState.Relinking;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whether the client is connected in the sense of Socket.IO, according to the packets of both
 * sides. Confined to its session.
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

  /** Returns whether the upstream has accepted the client and neither side has disconnected. */
  boolean isThere() {
    return there;
  }

  /** Returns whether the client is connected and the session has not ended. */
  boolean isUsable() {
    return there && !session.isClosed();
  }

  /** Takes over a client that was accepted at the session's former node. */
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

  /** Commits to one link: a CONNECT or DISCONNECT of the client is meant for one only. */
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
    // The client may connect again over the same transport.
    uplink.pass();
  }

  @Override
  public void clientBroke() {
    session.close(CloseReason.PROTOCOL_ERROR);
  }

  @Override
  public void upstreamBroke() {
    session.close(CloseReason.UPSTREAM_PROTOCOL);
  }

  @Override
  public void full() {
    session.outboxFull();
  }
}
