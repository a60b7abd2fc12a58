package dev.holdfast.engineio;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Joins a socket to a session on another I/O thread. Each read and each write is one task with a
 * copy of its bytes; a bounded number of bytes is on its way.
 */
final class CrossThreadConnection {
  /** The session's end, called on the session's thread. */
  interface Session {
    /** Masked frames of the client came. */
    void frames(byte[] run);

    /** Frames are taken again. */
    void writable();
  }

  private final Executor socketThread;
  private final Executor sessionThread;
  private final FrameSink socket;
  private final Session session;
  private final long limit;
  private final Duration timeouts;
  private final Timer slow;

  /** Bytes towards the client that the socket's thread has not passed on yet. */
  private final AtomicLong towardsClient = new AtomicLong();

  /** Bytes from the client that the session's thread has not handled yet. */
  private final AtomicLong towardsSession = new AtomicLong();

  // The socket's thread only.
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private final FrameBatch batch = new FrameBatch();
  private boolean pausedForSession;
  private @Nullable Runnable closing;

  // Wanted by the session, read by the socket's thread.
  private volatile boolean pausedBySession;

  /** {@code timers} are those of the socket's thread. */
  CrossThreadConnection(
      FrameSink socket,
      Executor socketThread,
      Session session,
      Executor sessionThread,
      EngineOptions options,
      Timers timers) {
    this.socket = socket;
    this.socketThread = socketThread;
    this.session = session;
    this.sessionThread = sessionThread;
    this.limit = options.remoteBytes();
    this.timeouts = options.slowTransport();
    this.slow = new Timer(timers);
  }

  /** Sends frames to the client; called on the session's thread. */
  boolean send(ByteBuffer frames) {
    if (towardsClient.get() > limit) {
      return false;
    }
    sendLast(frames);
    return true;
  }

  /** Sends frames to the client whatever is on its way; called on the session's thread. */
  void sendLast(ByteBuffer frames) {
    ByteBuffer copy = ByteBuffer.allocate(frames.remaining()).put(frames).flip();
    towardsClient.addAndGet(copy.remaining());
    socketThread.execute(
        () -> {
          unsent.add(copy);
          drain();
        });
  }

  /**
   * Closes the socket behind all that was taken, or when it has not taken that in time; called on
   * the socket's thread.
   *
   * @param last takes what goes before a close, if the socket has a way to keep that
   */
  void close(Predicate<ByteBuffer> last, Runnable close) {
    while (!unsent.isEmpty() && last.test(unsent.getFirst())) {
      unsent.removeFirst();
    }
    closing = close;
    slow.start(timeouts, this::closeNow);
    drain();
  }

  private void closeNow() {
    Runnable close = closing;
    ended();
    if (close != null) {
      close.run();
    }
  }

  /** The socket has ended: nothing waits for it any more; called on its thread. */
  void ended() {
    slow.stop();
    closing = null;
    unsent.clear();
  }

  /** Passes on what waits; called on the socket's thread. */
  void drain() {
    while (!unsent.isEmpty()) {
      int bytes = unsent.getFirst().remaining();
      if (!socket.send(unsent.getFirst())) {
        return;
      }
      unsent.removeFirst();
      long before = towardsClient.getAndAdd(-bytes);
      if (before > limit && before - bytes <= limit) {
        sessionThread.execute(session::writable);
      }
    }
    if (closing != null) {
      closeNow();
    }
  }

  /** Stops reading the client, or reads it again; called on the session's thread. */
  void pause(boolean paused) {
    pausedBySession = paused;
    socketThread.execute(this::readOrNot);
  }

  private void readOrNot() {
    if (pausedBySession || pausedForSession) {
      socket.pauseReads();
    } else {
      socket.resumeReads();
    }
  }

  /** A message of the client; called on the socket's thread. */
  void add(Message message) {
    batch.add(message);
  }

  /** Hands the messages of a read over; called on the socket's thread. */
  void handOver() {
    if (batch.isEmpty()) {
      return;
    }
    byte[] frames = batch.take();
    if (towardsSession.addAndGet(frames.length) > limit) {
      pausedForSession = true;
      readOrNot();
    }
    sessionThread.execute(() -> handle(frames));
  }

  private void handle(byte[] frames) {
    session.frames(frames);
    long before = towardsSession.getAndAdd(-frames.length);
    if (before > limit && before - frames.length <= limit) {
      socketThread.execute(
          () -> {
            pausedForSession = false;
            readOrNot();
          });
    }
  }
}
