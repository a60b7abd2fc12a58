package dev.holdfast.edge;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Hop;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport on another I/O thread than its session's, as a client that comes back may bring it.
 * The {@link Hop} half is confined to the session's thread, the {@link Hop.Receiver} half to the
 * transport's.
 */
final class RemoteTransport implements Hop, Hop.Receiver {
  private final EngineSocket socket;
  private final OwnedSocket owned;
  private final PauseReasons pauses = new PauseReasons();
  private final Executor home;
  private final Bridge bridge;

  // The session's thread only.
  private Hop.@Nullable Receiver session;
  private boolean pingAsked;

  RemoteTransport(EngineSocket socket, OwnedSocket owned, Executor home) {
    this.socket = socket;
    this.owned = owned;
    this.home = home;
    this.bridge =
        new Bridge(
            owned, socket::executeLater, new SessionEnd(), home, socket.options(), socket.timers());
  }

  /** Says who hears the transport; called on the session's thread. */
  void handTo(Hop.Receiver receiver) {
    session = receiver;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return bridge.send(frames);
  }

  @Override
  public boolean sendLast(ByteBuffer frames) {
    bridge.sendLast(frames);
    return true;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason)) {
      bridge.pause(true);
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason)) {
      bridge.pause(false);
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
  public Optional<String> heir() {
    return owned.remoteHeir();
  }

  @Override
  public void close(CloseReason reason) {
    socket.executeLater(() -> bridge.close(owned::sendLast, () -> owned.close(reason)));
  }

  @Override
  public boolean leave(CloseReason reason) {
    socket.executeLater(() -> owned.leave(reason));
    return true;
  }

  @Override
  public void message(Message message) {
    bridge.add(message);
  }

  @Override
  public void batchEnd() {
    bridge.handOver();
  }

  @Override
  public void writable() {
    bridge.drain();
  }

  @Override
  public void acknowledged(long bytes) {
    home.execute(
        () -> {
          pingAsked = false;
          if (session != null) {
            session.acknowledged(bytes);
          }
        });
  }

  @Override
  public void takenOver() {
    bridge.handOver();
    tell(Hop.Receiver::takenOver);
  }

  @Override
  public void closed(CloseReason reason) {
    bridge.ended();
    bridge.handOver();
    tell(to -> to.closed(reason));
  }

  private void tell(Consumer<Hop.Receiver> what) {
    home.execute(
        () -> {
          Hop.Receiver to = session;
          if (to != null) {
            what.accept(to);
          }
        });
  }

  private final class SessionEnd implements Bridge.Session {
    @Override
    public void frames(byte[] run) {
      Hop.Receiver receiver = session;
      if (receiver == null) {
        return;
      }
      try {
        FrameBatch.each(run, receiver::message);
      } catch (ProtocolException e) {
        socket.executeLater(() -> owned.fail(CloseReason.PROTOCOL_ERROR));
      }
      receiver.batchEnd();
    }

    @Override
    public void writable() {
      if (session != null) {
        session.writable();
      }
    }
  }
}
