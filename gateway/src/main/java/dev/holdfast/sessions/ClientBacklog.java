package dev.holdfast.sessions;

import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.EngineConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Queues messages of a spliced client for the session's node, and tracks which of them that node
 * has confirmed. Confined to its splice.
 */
final class ClientBacklog {
  private static final char PACKET = '4';

  private final Backlog waiting;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private int missingAttachments;
  private boolean unconfirmed;
  private boolean receiptDue;

  /** Creates an empty queue. */
  ClientBacklog(BufferPool pool) {
    waiting = new Backlog(pool);
  }

  /**
   * Adds a message; returns false if the pool has no room for it.
   *
   * @param answered whether the client waits for a confirmation of it
   * @throws ProtocolException if its Socket.IO header is malformed
   */
  boolean add(Message message, boolean answered) throws ProtocolException {
    if (!message.text()) {
      missingAttachments = Math.max(0, missingAttachments - 1);
    } else if (message.byteAt(0) == PACKET) {
      header.read(message);
      missingAttachments = header.attachments();
    }
    unconfirmed |= answered;
    return waiting.add(message);
  }

  /** Ends a read: the node is to confirm its messages if the client waits for that. */
  void batchEnd() {
    receiptDue |= unconfirmed;
  }

  /**
   * Passes queued messages and receipt requests on until the link accepts no more; returns whether
   * nothing is left.
   */
  boolean pass(@Nullable EngineConnection to) {
    if (to == null) {
      return true;
    }
    if (waiting.pass(to::send) && receiptDue) {
      receiptDue = !to.send(ByteBuffer.wrap(TextFrame.masked(SpliceControl.RECEIPT_ASKED)));
    }
    return waiting.isEmpty() && !receiptDue;
  }

  /** Handles a receipt: the node has all messages that preceded the request. */
  void confirmed() {
    unconfirmed = receiptDue;
  }

  /** Returns whether the client still waits for a confirmation. */
  boolean isUnconfirmed() {
    return unconfirmed;
  }

  /** Returns whether the queue is empty and no packet has been passed on only in part. */
  boolean isWhole() {
    return waiting.isEmpty() && missingAttachments == 0;
  }

  /** Removes and returns all queued messages. */
  byte[] take() {
    return waiting.take();
  }

  /** Discards all queued messages. */
  void clear() {
    waiting.clear();
  }
}
