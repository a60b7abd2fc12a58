package dev.holdfast.engineio;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose listener is on another I/O thread: a transport after a reconnect, or the
 * WebSocket of an upgrade. Each read and each write becomes one task with a copy of its bytes. The
 * bytes in flight are bounded in each direction. The {@link EngineConnection} methods are confined
 * to the listener's thread, the {@link EngineConnection.Listener} methods to the connection's.
 */
public final class CrossThreadConnection
    implements EngineConnection, FrameSink, EngineConnection.Listener {
  private final EngineConnection connection;
  private final Executor connectionThread;
  private final Executor listenerThread;
  private final long limit;
  private final Duration timeout;
  private final Timer slow;

  /** Bytes for the peer that the connection has not accepted yet. */
  private final AtomicLong unsentBytes = new AtomicLong();

  /** Bytes of the peer that the listener has not handled yet. */
  private final AtomicLong unheardBytes = new AtomicLong();

  // The connection's thread only.
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private final FrameBatch batch = new FrameBatch();
  private boolean pausedByListener;
  private boolean pausedForListener;
  private @Nullable CloseReason closing;

  // The listener's thread only.
  private final PauseReasons pauses = new PauseReasons();
  private @Nullable Listener listener;
  private boolean pingAsked;

  /** Connects a transport to a session on another thread. */
  public CrossThreadConnection(EngineSocket socket, OwnedSocket owned, Executor sessionThread) {
    this(owned, socket::executeLater, sessionThread, socket.options(), socket.timers());
  }

  /** Creates a connection. {@code timers} are those of the connection's thread. */
  CrossThreadConnection(
      EngineConnection connection,
      Executor connectionThread,
      Executor listenerThread,
      EngineOptions options,
      Timers timers) {
    this.connection = connection;
    this.connectionThread = connectionThread;
    this.listenerThread = listenerThread;
    this.limit = options.remoteBytes();
    this.timeout = options.slowTransport();
    this.slow = new Timer(timers);
  }

  /** Sets the listener; called on its thread. Events before that are dropped. */
  public void listener(Listener next) {
    listener = next;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return unsentBytes.get() <= limit && sendLast(frames);
  }

  @Override
  public boolean sendLast(ByteBuffer frames) {
    ByteBuffer copy = ByteBuffer.allocate(frames.remaining()).put(frames).flip();
    unsentBytes.addAndGet(copy.remaining());
    connectionThread.execute(
        () -> {
          unsent.add(copy);
          writable();
        });
    return true;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason)) {
      connectionThread.execute(() -> pause(true, pausedForListener));
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason)) {
      connectionThread.execute(() -> pause(false, pausedForListener));
    }
  }

  @Override
  public void pauseReads() {
    pauseReads(PauseReason.OTHER_THREAD);
  }

  @Override
  public void resumeReads() {
    resumeReads(PauseReason.OTHER_THREAD);
  }

  private void pause(boolean byListener, boolean forListener) {
    pausedByListener = byListener;
    pausedForListener = forListener;
    if (byListener || forListener) {
      connection.pauseReads(PauseReason.OTHER_THREAD);
    } else {
      connection.resumeReads(PauseReason.OTHER_THREAD);
    }
  }

  @Override
  public boolean ping() {
    if (!pingAsked) {
      pingAsked = true;
      connectionThread.execute(connection::ping);
    }
    return false;
  }

  @Override
  public Optional<String> successor() {
    return connection.successor();
  }

  /** Closes the connection once it has accepted all queued frames, or after a timeout. */
  @Override
  public void close(CloseReason reason) {
    listener = null;
    connectionThread.execute(
        () -> {
          while (!unsent.isEmpty() && connection.sendLast(unsent.getFirst())) {
            unsent.removeFirst();
          }
          closing = reason;
          slow.start(timeout, this::closeNow);
          writable();
        });
  }

  private void closeNow() {
    CloseReason reason = closing;
    ended();
    if (reason != null) {
      connection.close(reason);
    }
  }

  private void ended() {
    slow.stop();
    closing = null;
    unsent.clear();
  }

  @Override
  public boolean leave(CloseReason reason) {
    connectionThread.execute(() -> connection.leave(reason));
    return true;
  }

  /** Writes queued frames to the connection until it accepts no more. */
  @Override
  public void writable() {
    while (!unsent.isEmpty()) {
      int bytes = unsent.getFirst().remaining();
      if (!connection.send(unsent.getFirst())) {
        return;
      }
      unsent.removeFirst();
      if (isBackWithinLimit(unsentBytes, bytes)) {
        notifyListener(Listener::writable);
      }
    }
    if (closing != null) {
      closeNow();
    }
  }

  private boolean isBackWithinLimit(AtomicLong inFlight, int bytes) {
    long before = inFlight.getAndAdd(-bytes);
    return before > limit && before - bytes <= limit;
  }

  @Override
  public void message(Message message) {
    batch.add(message);
  }

  @Override
  public void batchEnd() {
    if (batch.isEmpty()) {
      return;
    }
    byte[] frames = batch.take();
    if (unheardBytes.addAndGet(frames.length) > limit) {
      pause(pausedByListener, true);
    }
    listenerThread.execute(
        () -> {
          deliver(frames);
          if (isBackWithinLimit(unheardBytes, frames.length)) {
            connectionThread.execute(() -> pause(pausedByListener, false));
          }
        });
  }

  private void deliver(byte[] frames) {
    Listener to = listener;
    if (to == null) {
      return;
    }
    try {
      FrameBatch.each(frames, to::message);
      to.batchEnd();
    } catch (ProtocolException e) {
      to.batchEnd();
      close(CloseReason.PROTOCOL_ERROR);
      to.closed(CloseReason.PROTOCOL_ERROR);
    }
  }

  @Override
  public void acknowledged(long bytes) {
    notifyListener(
        to -> {
          pingAsked = false;
          to.acknowledged(bytes);
        });
  }

  @Override
  public void takenOver() {
    batchEnd();
    notifyListener(Listener::takenOver);
  }

  @Override
  public void closed(CloseReason reason) {
    ended();
    batchEnd();
    notifyListener(
        to -> {
          listener = null;
          to.closed(reason);
        });
  }

  private void notifyListener(Consumer<Listener> event) {
    listenerThread.execute(
        () -> {
          Listener to = listener;
          if (to != null) {
            event.accept(to);
          }
        });
  }
}
