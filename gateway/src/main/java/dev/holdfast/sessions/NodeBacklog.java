package dev.holdfast.sessions;

import dev.holdfast.engineio.NodeSink;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Queues messages of the session's node for a spliced client. That node sends no more than {@link
 * NodeSink} allows until it gets a receipt that the client has accepted the earlier ones. Confined
 * to its splice.
 */
final class NodeBacklog {
  private static final byte[] RECEIPT = TextFrame.masked(SpliceControl.RECEIPT);

  private final Backlog waiting;
  private final Timer slow;
  private final Duration slowTransport;
  private final Runnable tooSlow;
  private boolean receiptDue;

  /**
   * Creates an empty queue.
   *
   * @param slowTransport how long the client may accept nothing
   * @param tooSlow runs after that time
   */
  NodeBacklog(BufferPool pool, Timers timers, Duration slowTransport, Runnable tooSlow) {
    this.waiting = new Backlog(pool);
    this.slow = new Timer(timers);
    this.slowTransport = slowTransport;
    this.tooSlow = tooSlow;
  }

  /** Adds a message; returns false if the pool has no room for it. */
  boolean add(Message message) {
    return waiting.add(message);
  }

  /** Records that the node has requested a receipt. */
  void receiptAsked() {
    receiptDue = true;
  }

  /** Passes on what the client accepts; returns whether the queue is empty. */
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

  /** Sends a receipt to the node if one is due and the client has accepted everything. */
  void sendReceipt(EngineConnection node) {
    if (receiptDue && waiting.isEmpty()) {
      receiptDue = !node.send(ByteBuffer.wrap(RECEIPT));
    }
  }

  /** Returns whether the queue is empty. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Discards all queued messages. */
  void clear() {
    slow.stop();
    waiting.clear();
  }
}
