package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.time.ErrorBoundary;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/** Inserts the packets of stages between those of a session. Confined to its session. */
final class PacketInjector {
  private final BooleanSupplier usable;
  private final ForwardBuffer up;
  private final PacketSequenceGuard upwards;
  private final PacketSequenceGuard downwards;
  private final ErrorBoundary boundary;
  private final SocketPacketHeader header = new SocketPacketHeader();

  /**
   * Creates an injector.
   *
   * @param usable whether the client is connected and the session has not ended
   * @param boundary keeps errors of the session from its stages
   */
  PacketInjector(
      BooleanSupplier usable,
      ForwardBuffer up,
      PacketSequenceGuard upwards,
      PacketSequenceGuard downwards,
      ErrorBoundary boundary) {
    this.usable = usable;
    this.up = up;
    this.upwards = upwards;
    this.downwards = downwards;
    this.boundary = boundary;
  }

  /**
   * Returns a packet as a message of its direction, and reads its header.
   *
   * @throws IllegalArgumentException if it is no Socket.IO packet
   */
  static Message message(byte[] packet, Direction direction, SocketPacketHeader header) {
    boolean masked = direction == Direction.TO_UPSTREAM;
    byte[] frame = masked ? TextFrame.masked(packet) : TextFrame.of(packet);
    Message message = new Message().ofFrame(ByteBuffer.wrap(frame), masked);
    try {
      header.read(message);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e);
    }
    return message;
  }

  boolean sendToClient(byte[] packet) {
    return send(message(packet, Direction.TO_CLIENT, header), downwards, () -> true);
  }

  boolean sendToUpstream(byte[] packet) {
    return send(message(packet, Direction.TO_UPSTREAM, header), upwards, up::isOpen);
  }

  private boolean send(Message message, PacketSequenceGuard guard, BooleanSupplier open) {
    if (header.attachments() > 0) {
      throw new IllegalArgumentException("a packet of a stage has attachments");
    }
    // What fails from here on is no fault of the stage.
    return boundary.call(() -> insert(message, guard, open), error -> false);
  }

  private boolean insert(Message message, PacketSequenceGuard guard, BooleanSupplier open) {
    guard.flush();
    if (!usable.getAsBoolean() || guard.isWithinPacket() || !open.getAsBoolean()) {
      return false;
    }
    try {
      guard.pass(message, header);
    } catch (ProtocolException e) {
      throw new IllegalStateException("no attachments were missing", e);
    }
    guard.flush();
    return true;
  }
}
