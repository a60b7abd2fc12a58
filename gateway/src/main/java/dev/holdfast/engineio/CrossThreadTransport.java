package dev.holdfast.engineio;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport on another I/O thread than its session, as may result from a reconnect. The {@link
 * EngineConnection} methods are confined to the session's thread, the {@link
 * EngineConnection.Listener} methods to the transport's.
 */
public final class CrossThreadTransport implements EngineConnection, EngineConnection.Listener {
  private final EngineSocket socket;
  private final OwnedSocket owned;
  private final PauseReasons pauses = new PauseReasons();
  private final Executor sessionThread;
  private final CrossThreadConnection crossThread;

  // The session's thread only.
  private EngineConnection.@Nullable Listener session;
  private boolean pingAsked;

  /** Creates a transport that connects a socket to a session on another thread. */
  public CrossThreadTransport(EngineSocket socket, OwnedSocket owned, Executor sessionThread) {
    this.socket = socket;
    this.owned = owned;
    this.sessionThread = sessionThread;
    this.crossThread =
        new CrossThreadConnection(
            owned,
            socket::executeLater,
            new SessionEnd(),
            sessionThread,
            socket.options(),
            socket.timers());
  }

  /** Sets the listener; called on the session's thread. */
  public void listener(EngineConnection.Listener listener) {
    session = listener;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return crossThread.send(frames);
  }

  @Override
  public boolean sendLast(ByteBuffer frames) {
    crossThread.sendLast(frames);
    return true;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason)) {
      crossThread.pause(true);
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason)) {
      crossThread.pause(false);
    }
  }

  @Override
  public boolean ping() {
    if (!pingAsked) {
      pingAsked = true;
      socket.executeLater(owned::ping);
    }
    return false;
  }

  @Override
  public Optional<String> successor() {
    return owned.remoteSuccessor();
  }

  @Override
  public void close(CloseReason reason) {
    socket.executeLater(() -> crossThread.close(owned::sendLast, () -> owned.close(reason)));
  }

  @Override
  public boolean leave(CloseReason reason) {
    socket.executeLater(() -> owned.leave(reason));
    return true;
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
  public void acknowledged(long bytes) {
    sessionThread.execute(
        () -> {
          pingAsked = false;
          if (session != null) {
            session.acknowledged(bytes);
          }
        });
  }

  @Override
  public void takenOver() {
    crossThread.handOver();
    tell(EngineConnection.Listener::takenOver);
  }

  @Override
  public void closed(CloseReason reason) {
    crossThread.ended();
    crossThread.handOver();
    tell(to -> to.closed(reason));
  }

  private void tell(Consumer<EngineConnection.Listener> what) {
    sessionThread.execute(
        () -> {
          EngineConnection.Listener to = session;
          if (to != null) {
            what.accept(to);
          }
        });
  }

  private final class SessionEnd implements CrossThreadConnection.Session {
    @Override
    public void frames(byte[] run) {
      EngineConnection.Listener listener = session;
      if (listener == null) {
        return;
      }
      try {
        FrameBatch.each(run, listener::message);
      } catch (ProtocolException e) {
        socket.executeLater(() -> owned.fail(CloseReason.PROTOCOL_ERROR));
      }
      listener.batchEnd();
    }

    @Override
    public void writable() {
      if (session != null) {
        session.writable();
      }
    }
  }
}
