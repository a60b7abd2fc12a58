package dev.holdfast.sessions;

import dev.holdfast.engineio.NodeSink;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import dev.holdfast.upstream.NodeLink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What the session's node has sent, on its way to a spliced client. That node sends no more than
 * {@link NodeSink} allows until it hears that the client has taken what came before. Confined to
 * its splice.
 */
final class NodeBacklog {
  private static final byte[] RECEIPT = TextFrame.masked(SpliceControl.RECEIPT);

  private final Backlog waiting;
  private final Timer slow;
  private final Duration slowTransport;
  private final Runnable tooSlow;
  private boolean receiptDue;

  /**
   * Nothing waits yet.
   *
   * @param slowTransport how long the client may leave something unread
   * @param tooSlow what is done then
   */
  NodeBacklog(BufferPool pool, Timers timers, Duration slowTransport, Runnable tooSlow) {
    this.waiting = new Backlog(pool);
    this.slow = new Timer(timers);
    this.slowTransport = slowTransport;
    this.tooSlow = tooSlow;
  }

  /** Adds a message; false if the pool has no room for it. */
  boolean add(Message message) {
    return waiting.add(message);
  }

  /** The node wants to hear when the client has taken what came before. */
  void receiptAsked() {
    receiptDue = true;
  }

  /** Hands over what the client takes; whether nothing waits. */
  boolean pass(Predicate<ByteBuffer> client) {
    int before = waiting.bytes();
    boolean all = waiting.pass(client);
    if (all || waiting.bytes() < before) {
      slow.stop();
    }
    if (!all) {
      slow.start(slowTransport, tooSlow);
    }
    return all;
  }

  /** Tells the node that the client has taken everything, if it wants to hear that. */
  void sendReceipt(NodeLink node) {
    if (receiptDue && waiting.isEmpty()) {
      receiptDue = !node.send(ByteBuffer.wrap(RECEIPT));
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Forgets what waits. */
  void clear() {
    slow.stop();
    waiting.clear();
  }
}
