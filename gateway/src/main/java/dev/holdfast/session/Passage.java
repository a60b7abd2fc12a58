package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import java.util.function.Consumer;

/** Lets messages into a lane: a packet, then its attachments, and nothing between. */
final class Passage {
  private final Downstream lane;
  private final int maxAttachments;
  private final CloseReason tooMany;
  private final Consumer<CloseReason> close;
  private final Runnable full;
  private int swallowed;

  /**
   * The way into a lane.
   *
   * @param tooMany why the session ends when a packet has too many attachments
   * @param full what is done when there is no memory for what has to wait
   */
  Passage(
      Downstream lane,
      SessionSetup setup,
      CloseReason tooMany,
      Consumer<CloseReason> close,
      Runnable full) {
    this.lane = lane;
    this.maxAttachments = setup.limits().attachments();
    this.tooMany = tooMany;
    this.close = close;
    this.full = full;
  }

  /** The way of what a session's client sends. */
  static Passage up(Lane lane, SessionSetup setup, Session session) {
    return new Passage(
        lane,
        setup,
        CloseReason.TOO_MANY_ATTACHMENTS,
        session::close,
        () -> session.close(CloseReason.NO_BUFFERS));
  }

  /** Adds a message to the lane; text that may not stand here, and stray binary, is an error. */
  void pass(Message message, SocketPacketHeader header) throws ProtocolException {
    int missing = lane.missingAttachments() + swallowed;
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
    if (!lane.add(message, header, missing)) {
      full.run();
    }
  }

  /** The packet whose header this is goes nowhere, and its attachments neither. */
  void drop(SocketPacketHeader header) {
    swallowed = header.attachments();
  }

  /** The packet that still lacks attachments goes nowhere. */
  void dropPart() {
    swallowed += lane.missingAttachments();
    lane.forgetPart();
  }

  /** Forgets the packet that still lacks attachments. */
  void forgetPart() {
    swallowed = 0;
    lane.forgetPart();
  }

  /** Passes on what was added. */
  void flush() {
    if (!lane.flush()) {
      full.run();
    }
  }
}
