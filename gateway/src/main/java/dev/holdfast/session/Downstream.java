package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;

/** The way from a link to the transport: straight, or through an outbox. */
sealed interface Downstream permits ForwardBuffer, Outbox {
  /** Says where packets come from. */
  void from(EngineConnection connection);

  /** Says where packets go. */
  void to(EngineConnection connection);

  /** Binary messages that the last packet still lacks. */
  int missingAttachments();

  /**
   * Adds a packet's text, or its next attachment.
   *
   * @param header of the packet if the message is text; meaningless otherwise
   * @param missing attachments that the packet lacks with this message
   * @return false if no buffer is left
   */
  boolean add(Message message, SocketPacketHeader header, int missing);

  /**
   * Passes on what was added since the last call.
   *
   * @return false if no buffer is left for what has to wait
   */
  boolean flush();

  /** Passes on what waits, as far as it is taken. */
  void drain();

  /** Passes on what waits though the target is about to be closed, as far as it is taken. */
  void drainLast();

  /** Whether the source is not read because too much waits. */
  boolean isBlocked();

  /** Forgets the packet that still lacks attachments. */
  void forgetPart();

  /** Forgets everything. */
  void clear();
}
