package dev.holdfast.engineio;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;

/** The WebSocket of an upgrade, on another I/O thread than its Engine.IO session. */
record CrossThreadUpgrade(CrossThreadConnection connection) implements WebSocketListener {
  CrossThreadUpgrade(WebSocket socket, EngineSocket session) {
    this(
        new CrossThreadConnection(
            new Connection(socket),
            socket::execute,
            session::executeLater,
            session.options(),
            socket.timers()));
    connection.listener(new Listener(session));
  }

  /** Returns this WebSocket as the session's carrier. */
  Carrier carrier() {
    return new Carrier(Carrier.WEBSOCKET, connection, connection::close, connection::leave);
  }

  @Override
  public void message(Message message) {
    connection.message(message);
  }

  @Override
  public void batchEnd() {
    connection.batchEnd();
  }

  @Override
  public void writable() {
    connection.writable();
  }

  @Override
  public void closed(WebSocketClosed how) {
    connection.closed(DirectWebSocketListener.reason(how));
  }

  private record Connection(WebSocket socket) implements EngineConnection {
    @Override
    public boolean send(ByteBuffer frames) {
      return socket.send(frames);
    }

    @Override
    public void pauseReads(PauseReason reason) {
      socket.pauseReads();
    }

    @Override
    public void resumeReads(PauseReason reason) {
      socket.resumeReads();
    }

    @Override
    public boolean ping() {
      return false;
    }

    @Override
    public void close(CloseReason reason) {
      socket.close(reason.closeCode(), reason.label());
    }

    @Override
    public boolean leave(CloseReason reason) {
      socket.leave(reason.closeCode(), reason.label());
      return true;
    }
  }

  private record Listener(EngineSocket session) implements EngineConnection.Listener {
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
    public void acknowledged(long bytes) {
      // Only transports are pinged.
    }

    @Override
    public void closed(CloseReason reason) {
      session.fail(reason);
    }
  }
}
