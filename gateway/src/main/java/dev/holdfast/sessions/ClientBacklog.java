package dev.holdfast.sessions;

import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.upstream.NodeLink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a spliced client has sent, on its way to the session's node, and whether that has taken it.
 * Confined to its splice.
 */
final class ClientBacklog {
  private static final char PACKET = '4';

  private final Backlog waiting;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private int missingAttachments;
  private boolean unconfirmed;
  private boolean receiptDue;

  ClientBacklog(BufferPool pool) {
    waiting = new Backlog(pool);
  }

  /**
   * Adds a message; false if the pool has no room for it.
   *
   * @param answered whether the client waits to hear that it was taken
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

  /** Nothing more came with this read: the node is asked for its receipt behind it. */
  void batchEnd() {
    receiptDue |= unconfirmed;
  }

  /** Hands over what there is, until the link takes no more; whether nothing waits. */
  boolean pass(@Nullable NodeLink to) {
    if (to == null) {
      return true;
    }
    if (waiting.pass(to::send) && receiptDue) {
      receiptDue = !to.send(ByteBuffer.wrap(TextFrame.masked(SpliceControl.RECEIPT_ASKED)));
    }
    return waiting.isEmpty() && !receiptDue;
  }

  /** The node has taken what came before it was asked. */
  void confirmed() {
    unconfirmed = receiptDue;
  }

  /** Whether the client still waits to hear that what it sent was taken. */
  boolean isUnconfirmed() {
    return unconfirmed;
  }

  /** Whether nothing waits, and no packet is passed on in part. */
  boolean isWhole() {
    return waiting.isEmpty() && missingAttachments == 0;
  }

  /** What waits, which is forgotten here. */
  byte[] take() {
    return waiting.take();
  }

  /** Forgets what waits. */
  void clear() {
    waiting.clear();
  }
}
