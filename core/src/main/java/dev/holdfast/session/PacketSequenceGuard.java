package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import java.util.function.Consumer;

/**
 * Checks the order of messages before they are buffered: a packet's text, then its attachments, and
 * nothing in between.
 */
final class PacketSequenceGuard {
  private final Downstream forwardBuffer;
  private final int maxAttachments;
  private final CloseReason tooMany;
  private final Consumer<CloseReason> close;
  private final Runnable full;
  private int swallowed;

  private PacketSequenceGuard(
      Downstream forwardBuffer,
      SessionSetup setup,
      CloseReason tooMany,
      Consumer<CloseReason> close,
      Runnable full) {
    this.forwardBuffer = forwardBuffer;
    this.maxAttachments = setup.limits().attachments();
    this.tooMany = tooMany;
    this.close = close;
    this.full = full;
  }

  /**
   * Creates a guard for the upstream's messages.
   *
   * @param close closes the session
   * @param full called when there is no memory for packets that have to wait
   */
  static PacketSequenceGuard down(
      Downstream down, SessionSetup setup, Consumer<CloseReason> close, Runnable full) {
    return new PacketSequenceGuard(down, setup, CloseReason.UPSTREAM_PROTOCOL, close, full);
  }

  /** Creates a guard for the client's messages; {@code close} closes the session. */
  static PacketSequenceGuard up(ForwardBuffer up, SessionSetup setup, Consumer<CloseReason> close) {
    return new PacketSequenceGuard(
        up,
        setup,
        CloseReason.TOO_MANY_ATTACHMENTS,
        close,
        () -> close.accept(CloseReason.NO_BUFFERS));
  }

  /**
   * Adds a message to the buffer.
   *
   * @throws ProtocolException on text within a packet, and on binary outside of one
   */
  void pass(Message message, SocketPacketHeader header) throws ProtocolException {
    int missing = forwardBuffer.missingAttachments() + swallowed;
    if (!message.text() && swallowed > 0) {
      swallowed--;
      return;
    }
    if (message.text()) {
      if (missing > 0) {
        throw new ProtocolException("text came while " + missing + " attachments were missing");
      }
      missing = header.attachments();
      if (missing > maxAttachments) {
        close.accept(tooMany);
        return;
      }
    } else if (missing == 0) {
      throw new ProtocolException("binary came without a packet that it belongs to");
    } else {
      missing--;
    }
    if (!forwardBuffer.add(message, header, missing)) {
      full.run();
    }
  }

  /** Returns whether attachments of a packet are awaited. */
  boolean isWithinPacket() {
    return forwardBuffer.missingAttachments() + swallowed > 0;
  }

  /** Drops the packet with this header, and its attachments. */
  void drop(SocketPacketHeader header) {
    swallowed = header.attachments();
  }

  /** Drops the packet that still lacks attachments, and those attachments. */
  void dropPart() {
    swallowed += forwardBuffer.missingAttachments();
    forwardBuffer.forgetPart();
  }

  /** Forgets the packet that still lacks attachments. */
  void forgetPart() {
    swallowed = 0;
    forwardBuffer.forgetPart();
  }

  /** Flushes what was added. */
  void flush() {
    if (!forwardBuffer.flush()) {
      full.run();
    }
  }
}
