package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;

/** The path from a link to the transport, either direct or through an event log. */
sealed interface Downstream permits ForwardBuffer, EventSender {
  /** Sets the source of packets. */
  void from(EngineConnection connection);

  /** Sets the target of packets. */
  void to(EngineConnection connection);

  /** Returns the number of attachments that the last packet still lacks. */
  int missingAttachments();

  /**
   * Adds a packet's text or its next attachment.
   *
   * @param header of the packet if the message is text; otherwise ignored
   * @param missing number of attachments that the packet still lacks
   * @return false if no buffer is left
   */
  boolean add(Message message, SocketPacketHeader header, int missing);

  /**
   * Sends what was added since the last call.
   *
   * @return false if no buffer is left for what has to wait
   */
  boolean flush();

  /** Sends what waits, as far as the target accepts it. */
  void drain();

  /** Sends what waits to a target that is about to close, as far as the target accepts it. */
  void drainLast();

  /** Returns whether reads of the source are paused because too much waits. */
  boolean isBlocked();

  /** Forgets the packet that still lacks attachments. */
  void forgetPart();

  /** Forgets everything. */
  void clear();
}
