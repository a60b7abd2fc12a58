package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import org.jspecify.annotations.Nullable;

/**
 * Processes a client's packets on their way to the upstream: shows them to the stages, and forwards
 * one answer to each call. Confined to its session.
 */
final class ClientPackets implements StageChain.Next {
  /** Handles the packets that affect the session. */
  interface Session {
    /** Called when the client connects again over its transport. Returns the packet to forward. */
    Message connecting(Message packet);

    /** Called when the client disconnects. Returns whether to forward the packet. */
    boolean disconnecting();

    /** Called if a message that stages held back is against the protocol. */
    void clientBroke();

    /** Called when the client sends an event, which it does only while connected. */
    void emitting();
  }

  private final PacketSequenceGuard upwards;
  private final Calls calls;
  private final StageChain stages;
  private final SessionContext context;
  private final SessionSetup setup;
  private final Session session;
  private final SocketPacketHeader header;

  /** Id of the call whose answer is arriving, as shown to the client. */
  private long answering = SocketPacketHeader.NO_ACK;

  private int missingAttachments;

  /** Destination of answers. During an overlap, it is the link that sent the calls. */
  private PacketSequenceGuard answers;

  /** Last destination of answers that differed from that of other packets. */
  private @Nullable PacketSequenceGuard aside;

  /** Destination of the last packet and its attachments. */
  private PacketSequenceGuard present;

  ClientPackets(
      PacketSequenceGuard upwards,
      Calls calls,
      Stages stages,
      SessionContext context,
      SessionSetup setup,
      Session session) {
    this.upwards = upwards;
    this.calls = calls;
    this.stages = stages.chain(Direction.TO_UPSTREAM, this);
    this.header = this.stages.header();
    this.context = context;
    this.setup = setup;
    this.session = session;
    this.answers = upwards;
    this.present = upwards;
  }

  /** Sets the destination of answers; null for that of all packets. */
  void answersGo(@Nullable PacketSequenceGuard guard) {
    answers = guard == null ? upwards : guard;
    aside = guard == null ? aside : guard;
  }

  /**
   * Resets the destination of answers after the loss of a link, and drops an incomplete answer to
   * it.
   */
  void linkLost() {
    answers = upwards;
    aside = null;
    if (present != upwards) {
      present.dropPart();
    }
  }

  /** Forwards what stages hold back, before the transport goes. */
  void transportLost() {
    stages.suspension().end();
    flush();
  }

  /** Flushes what was forwarded. */
  @Override
  public void flush() {
    upwards.flush();
    if (aside != null) {
      aside.flush();
    }
  }

  /** Processes a message of the client. */
  void message(Message message) throws ProtocolException {
    stages.message(message);
  }

  @Override
  public void attachment(Message attachment) throws ProtocolException {
    present.pass(attachment, header);
    missingAttachments--;
    answered();
  }

  @Override
  public void drop() {
    present = upwards;
    upwards.drop(header);
  }

  @Override
  public void broken() {
    session.clientBroke();
  }

  @Override
  public void packet(Message packet) throws ProtocolException {
    present = upwards;
    if (header.rootNamespace()) {
      rootPacket(packet);
    } else {
      upwards.pass(packet, header);
    }
  }

  private void rootPacket(Message message) throws ProtocolException {
    switch (header.type()) {
      case EVENT, BINARY_EVENT -> event(message);
      case ACK, BINARY_ACK -> answer(message);
      case CONNECT -> upwards.pass(session.connecting(message), header);
      case DISCONNECT -> {
        if (session.disconnecting()) {
          upwards.pass(message, header);
        }
      }
      case CONNECT_ERROR -> upwards.pass(message, header);
    }
  }

  private void event(Message event) throws ProtocolException {
    session.emitting();
    if (header.ackId() != SocketPacketHeader.NO_ACK) {
      calls.clientAsked();
    }
    upwards.pass(event, header);
  }

  private void answer(Message answer) throws ProtocolException {
    long id = header.ackId();
    if (setup.style() == OffsetStyle.NONE) {
      upwards.pass(answer, header);
      return;
    }
    if (!calls.isUnanswered(id)) {
      context.answerDropped();
      upwards.drop(header);
      return;
    }
    answering = id;
    missingAttachments = header.attachments();
    boolean shifted = calls.isShifted();
    present = answers;
    answers.pass(shifted ? AckIds.up(answer, header, calls.ofLink(id)) : answer, header);
    answered();
  }

  /**
   * Records an answer once it is complete. Before, its call has to be replayed after a disconnect.
   */
  private void answered() {
    if (answering != SocketPacketHeader.NO_ACK && missingAttachments == 0) {
      calls.answered(answering);
      answering = SocketPacketHeader.NO_ACK;
    }
  }

  /** Forgets the incomplete packet of a client that is gone. */
  void forgetPart() {
    answering = SocketPacketHeader.NO_ACK;
    present.forgetPart();
  }
}
