package dev.holdfast.engineio;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.protocol.Message;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that another node has brought, as the session's node sees it. A bounded number of
 * bytes is on its way to the client there, so that a receipt never waits behind what the client has
 * not taken. Confined to the socket's thread.
 */
public final class NodeSink implements FrameSink {
  private final FrameSink socket;
  private final long half;

  /** Bytes since the other node was last asked whether they have gone. */
  private long given;

  private boolean asked;
  private boolean unbounded;
  private boolean receiptDue;

  /** The node that would take the session over; read by other threads. */
  private volatile @Nullable NodeId successor;

  /**
   * A sink into {@code socket}.
   *
   * @param limit of the bytes that are on their way; a write may exceed it
   */
  NodeSink(FrameSink socket, long limit) {
    this.socket = socket;
    this.half = limit / 2;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    if (!unbounded && given >= half) {
      askForReceipt();
      if (given >= half) {
        return false;
      }
    }
    int bytes = frames.remaining();
    boolean taken = socket.send(frames);
    if (taken) {
      given += bytes;
    }
    return taken;
  }

  private void askForReceipt() {
    if (!asked && socket.send(EngineFrames.text(SpliceControl.RECEIPT_ASKED))) {
      asked = true;
      given = 0;
    }
  }

  @Override
  public void pauseReads() {
    socket.pauseReads();
  }

  @Override
  public void resumeReads() {
    socket.resumeReads();
  }

  /**
   * A NOOP came; true if frames may be taken again.
   *
   * @param above whoever hears the transport
   */
  boolean noop(Message noop, EngineConnection.Listener above) {
    if (SpliceControl.is(SpliceControl.RECEIPT_ASKED, noop)) {
      receiptDue = true;
    } else if (SpliceControl.is(SpliceControl.RECEIPT, noop)) {
      asked = false;
      return true;
    } else if (SpliceControl.is(SpliceControl.TAKEN_OVER, noop)) {
      // From now on it holds back what it reads by itself, and gives no receipts.
      unbounded = true;
      above.takenOver();
    } else {
      successor = SpliceControl.node(noop).orElse(null);
    }
    return false;
  }

  /** Confirms that everything before the question has arrived; whether nothing is due any more. */
  boolean sendReceipt() {
    receiptDue = receiptDue && !socket.send(EngineFrames.text(SpliceControl.RECEIPT));
    return !receiptDue;
  }

  /** The node that would take the session over. */
  Optional<NodeId> successor() {
    return Optional.ofNullable(successor);
  }
}
