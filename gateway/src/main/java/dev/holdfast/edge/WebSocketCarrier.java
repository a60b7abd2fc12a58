package dev.holdfast.edge;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.Receiver;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import java.nio.ByteBuffer;

/** A WebSocket on the session's own thread: nothing is queued or copied between the two. */
final class WebSocketCarrier implements Carrier, Receiver {
  private final EngineSocket session;
  private final WebSocket socket;

  WebSocketCarrier(WebSocket socket, EngineSocket session) {
    this.socket = socket;
    this.session = session;
  }

  WebSocket socket() {
    return socket;
  }

  /** What the end of a client's WebSocket means for its session. */
  static CloseReason reason(WebSocketClosed how) {
    return switch (how.cause()) {
      case PEER, BROKEN -> CloseReason.CLIENT_LOST;
      case PROTOCOL -> CloseReason.PROTOCOL_ERROR;
      case TOO_BIG -> CloseReason.MESSAGE_TOO_BIG;
      case NO_MEMORY -> CloseReason.NO_BUFFERS;
    };
  }

  @Override
  public String kind() {
    return "websocket";
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return socket.send(frames);
  }

  @Override
  public void pauseReads() {
    socket.pauseReads();
  }

  @Override
  public void resumeReads() {
    socket.resumeReads();
  }

  @Override
  public void close(CloseReason reason) {
    socket.close(reason.closeCode(), reason.label());
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
    session.fail(reason(how));
  }
}
