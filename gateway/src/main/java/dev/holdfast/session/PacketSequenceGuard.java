package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import java.util.function.Consumer;

/** Lets messages into a forward buffer: a packet, then its attachments, and nothing between. */
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
   * Checks what a session's upstream sends.
   *
   * @param close ends the session
   * @param full what is done when there is no memory for what has to wait
   */
  static PacketSequenceGuard down(
      Downstream down, SessionSetup setup, Consumer<CloseReason> close, Runnable full) {
    return new PacketSequenceGuard(down, setup, CloseReason.UPSTREAM_PROTOCOL, close, full);
  }

  /** Checks what a session's client sends; {@code close} ends the session. */
  static PacketSequenceGuard up(ForwardBuffer up, SessionSetup setup, Consumer<CloseReason> close) {
    return new PacketSequenceGuard(
        up,
        setup,
        CloseReason.TOO_MANY_ATTACHMENTS,
        close,
        () -> close.accept(CloseReason.NO_BUFFERS));
  }

  /** Adds a message to the buffer; text that may not stand here, and stray binary, is an error. */
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

  /** The packet whose header this is goes nowhere, and its attachments neither. */
  void drop(SocketPacketHeader header) {
    swallowed = header.attachments();
  }

  /** The packet that still lacks attachments goes nowhere. */
  void dropPart() {
    swallowed += forwardBuffer.missingAttachments();
    forwardBuffer.forgetPart();
  }

  /** Forgets the packet that still lacks attachments. */
  void forgetPart() {
    swallowed = 0;
    forwardBuffer.forgetPart();
  }

  /** Passes on what was added. */
  void flush() {
    if (!forwardBuffer.flush()) {
      full.run();
    }
  }
}
