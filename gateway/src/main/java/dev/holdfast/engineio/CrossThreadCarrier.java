package dev.holdfast.engineio;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.FrameSink;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;

/**
 * A WebSocket on another I/O thread than its Engine.IO session, as may result from an upgrade. The
 * {@link WebSocketListener} methods are confined to the socket's thread, the {@link FrameSink}
 * methods to the session's.
 */
final class CrossThreadCarrier implements FrameSink, WebSocketListener {
  private final WebSocket socket;
  private final EngineSocket session;
  private final CrossThreadConnection crossThread;

  CrossThreadCarrier(WebSocket socket, EngineSocket session) {
    this.socket = socket;
    this.session = session;
    this.crossThread =
        new CrossThreadConnection(
            socket,
            socket::execute,
            new SessionEnd(),
            session::executeLater,
            session.options(),
            socket.timers());
  }

  /** Returns this WebSocket as the session's carrier. */
  Carrier carrier() {
    return new Carrier(
        Carrier.WEBSOCKET,
        this,
        this::close,
        reason -> socket.execute(() -> socket.leave(reason.closeCode(), reason.label())));
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return crossThread.send(frames);
  }

  @Override
  public void pauseReads() {
    crossThread.pause(true);
  }

  @Override
  public void resumeReads() {
    crossThread.pause(false);
  }

  private void close(CloseReason reason) {
    socket.execute(
        () ->
            crossThread.close(
                none -> false, () -> socket.close(reason.closeCode(), reason.label())));
  }

  @Override
  public void message(Message message) {
    crossThread.add(message);
  }

  @Override
  public void batchEnd() {
    crossThread.handOver();
  }

  @Override
  public void writable() {
    crossThread.drain();
  }

  @Override
  public void closed(WebSocketClosed how) {
    crossThread.ended();
    session.execute(() -> session.fail(DirectWebSocketListener.reason(how)));
  }

  private final class SessionEnd implements CrossThreadConnection.Session {
    @Override
    public void frames(byte[] run) {
      try {
        FrameBatch.each(run, session::message);
        session.batchEnd();
      } catch (ProtocolException e) {
        session.fail(CloseReason.PROTOCOL_ERROR);
      }
    }

    @Override
    public void writable() {
      session.writable();
    }
  }
}
