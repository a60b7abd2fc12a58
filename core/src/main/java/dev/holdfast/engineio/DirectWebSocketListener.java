package dev.holdfast.engineio;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketClosed.Cause;
import dev.holdfast.wire.WebSocketListener;

/**
 * Listens to a WebSocket on the session's own thread, without queueing or copying. Confined to that
 * thread.
 */
record DirectWebSocketListener(WebSocket socket, EngineSocket session)
    implements WebSocketListener {
  /** Returns the WebSocket as the session's carrier. */
  Carrier carrier() {
    boolean fromNode = session.isFromNode();
    return new Carrier(
        fromNode ? Carrier.NODE : Carrier.WEBSOCKET,
        fromNode ? new NodeSink(socket, session.options().remoteBytes()) : socket,
        fromNode ? this::closeToNode : reason -> socket.close(reason.closeCode(), reason.label()),
        reason -> socket.leave(reason.closeCode(), reason.label()));
  }

  /**
   * Closes a WebSocket to another node, which may be stalled. This node does not exit before the
   * other one has read the rest.
   */
  private void closeToNode(CloseReason reason) {
    Sockets sockets = session.sockets();
    sockets.emptying();
    socket.close(reason.closeCode(), reason.label(), sockets::emptied);
  }

  /** Returns the session's close reason for the end of a client's WebSocket. */
  static CloseReason reason(WebSocketClosed how) {
    return switch (how.cause()) {
      case PEER ->
          how.code() == CloseCode.GOING_AWAY ? CloseReason.CLIENT_LEFT : CloseReason.CLIENT_LOST;
      case BROKEN -> CloseReason.CLIENT_LOST;
      case PROTOCOL -> CloseReason.PROTOCOL_ERROR;
      case TOO_BIG -> CloseReason.MESSAGE_TOO_BIG;
      case NO_MEMORY -> CloseReason.NO_BUFFERS;
      case INTERNAL -> CloseReason.INTERNAL;
    };
  }

  @Override
  public void message(Message message) throws ProtocolException {
    session.message(message);
  }

  @Override
  public void batchEnd() {
    session.batchEnd();
  }

  @Override
  public void writable() {
    session.writable();
  }

  @Override
  public void closed(WebSocketClosed how) {
    CloseReason reason = reason(how);
    if (session.isFromNode() && how.cause() == Cause.PEER) {
      // Another node reports the reason of its client.
      reason = CloseReason.of(how.reason()).orElse(reason);
    } else if (session.isFromNode() && how.cause() == Cause.BROKEN) {
      reason = CloseReason.NODE_LOST;
    }
    session.fail(reason);
  }
}
