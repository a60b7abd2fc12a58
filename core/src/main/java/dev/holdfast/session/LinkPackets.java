package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.PacketStage.Direction;
import org.jspecify.annotations.Nullable;

/**
 * Processes an upstream's packets on their way to the client: shows them to the stages, adds pids
 * to CONNECT replies, and shifts the ids of calls. Confined to its session.
 */
final class LinkPackets implements StageChain.Next {
  /** Handles the packets that affect the session. */
  interface Session {
    /** Called when the upstream has answered a CONNECT with this payload. */
    void linked(byte[] reply);

    /** Called when the upstream has disconnected the client or refused its CONNECT. */
    void disconnected();

    /** Called if a message that stages held back is against the protocol. */
    void upstreamBroke();

    /** Called when there is no memory for packets that have to wait. */
    void full();
  }

  private final SocketPacketHeader header;
  private final StageChain stages;
  private final Calls calls;
  private final @Nullable Delivery delivery;
  private final PacketSequenceGuard downwards;
  private final Session session;

  LinkPackets(
      Stages stages,
      Calls calls,
      @Nullable Delivery delivery,
      PacketSequenceGuard downwards,
      Session session) {
    this.stages = stages.chain(Direction.TO_CLIENT, this);
    this.header = this.stages.header();
    this.calls = calls;
    this.delivery = delivery;
    this.downwards = downwards;
    this.session = session;
  }

  /** Processes a message of the link. */
  void message(Message message) throws ProtocolException {
    stages.message(message);
  }

  @Override
  public void attachment(Message attachment) throws ProtocolException {
    downwards.pass(attachment, header);
  }

  @Override
  public void drop() {
    downwards.drop(header);
  }

  /** Forwards what stages hold back, before the link goes. */
  void linkLost() {
    stages.suspension().end();
    flush();
  }

  @Override
  public void flush() {
    downwards.flush();
  }

  @Override
  public void broken() {
    session.upstreamBroke();
  }

  @Override
  public void packet(Message packet) throws ProtocolException {
    if (header.rootNamespace()) {
      rootPacket(packet);
    } else {
      downwards.pass(packet, header);
    }
  }

  private void rootPacket(Message message) throws ProtocolException {
    switch (header.type()) {
      case CONNECT -> reply(message);
      case DISCONNECT, CONNECT_ERROR -> {
        session.disconnected();
        downwards.pass(message, header);
      }
      case EVENT, BINARY_EVENT -> event(message);
      case ACK, BINARY_ACK -> {
        calls.clientAnswered();
        downwards.pass(message, header);
      }
    }
  }

  private void event(Message event) throws ProtocolException {
    Message passed = event;
    if (calls.isShifted() && header.ackId() != SocketPacketHeader.NO_ACK) {
      passed = AckIds.down(event, header, calls.shown(header.ackId()));
      header.read(passed);
    }
    downwards.pass(passed, header);
  }

  private void reply(Message reply) throws ProtocolException {
    byte[] payload = reply.bytes(0);
    if (delivery == null || !ConnectReply.isExtensible(payload)) {
      downwards.pass(reply, header);
    } else if (!delivery.reply(payload)) {
      session.full();
      return;
    }
    session.linked(payload);
  }
}
