package dev.holdfast.engineio;

import dev.holdfast.protocol.Message;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket from another node, as seen by the node of the session. Limits the bytes in flight to
 * the client there, so that a receipt never queues after data that the client has not accepted.
 * Confined to the socket's thread.
 */
public final class NodeSink implements FrameSink {
  private final FrameSink socket;
  private final long half;

  /** Bytes sent since the last receipt was requested. */
  private long given;

  private boolean asked;
  private boolean unbounded;
  private boolean receiptDue;

  /** The node that would take the session over; read by other threads. */
  private volatile @Nullable String successor;

  /**
   * Creates a sink that writes to {@code socket}.
   *
   * @param limit maximum bytes in flight; one write may exceed it
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
   * Handles a NOOP; returns whether frames may be accepted again.
   *
   * @param above the transport's listener
   */
  boolean noop(Message noop, EngineConnection.Listener above) {
    if (SpliceControl.is(SpliceControl.RECEIPT_ASKED, noop)) {
      receiptDue = true;
    } else if (SpliceControl.is(SpliceControl.RECEIPT, noop)) {
      asked = false;
      return true;
    } else if (SpliceControl.is(SpliceControl.TAKEN_OVER, noop)) {
      // The other node now limits its own reads and sends no more receipts.
      unbounded = true;
      above.takenOver();
    } else {
      successor = SpliceControl.node(noop).orElse(null);
    }
    return false;
  }

  /** Sends a receipt if one is due; returns whether none is due any more. */
  boolean sendReceipt() {
    receiptDue = receiptDue && !socket.send(EngineFrames.text(SpliceControl.RECEIPT));
    return !receiptDue;
  }

  /** Returns the node that would take the session over. */
  Optional<String> successor() {
    return Optional.ofNullable(successor);
  }
}
