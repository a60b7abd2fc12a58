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
 * Connects a socket to a session on another I/O thread. Each read and each write becomes one task
 * with a copy of its bytes. The bytes in flight are bounded in each direction.
 */
final class CrossThreadConnection {
  /** The session's side, called on the session's thread. */
  interface Session {
    /** Handles masked frames of the client. */
    void frames(byte[] run);

    /** Called when frames are accepted again. */
    void writable();
  }

  private final Executor socketThread;
  private final Executor sessionThread;
  private final FrameSink socket;
  private final Session session;
  private final long limit;
  private final Duration timeouts;
  private final Timer slow;

  /** Bytes for the client that the socket has not accepted yet. */
  private final AtomicLong towardsClient = new AtomicLong();

  /** Bytes from the client that the session has not handled yet. */
  private final AtomicLong towardsSession = new AtomicLong();

  // The socket's thread only.
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private final FrameBatch batch = new FrameBatch();
  private boolean pausedForSession;
  private @Nullable Runnable closing;

  // Written by the session's thread, read by the socket's.
  private volatile boolean pausedBySession;

  /** Creates a connection. {@code timers} are those of the socket's thread. */
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

  /**
   * Sends frames to the client; false if too many bytes are in flight. Called on the session's
   * thread.
   */
  boolean send(ByteBuffer frames) {
    if (towardsClient.get() > limit) {
      return false;
    }
    sendLast(frames);
    return true;
  }

  /**
   * Sends frames to the client regardless of the bytes in flight; called on the session's thread.
   */
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
   * Closes the socket once it has accepted all queued frames, or after a timeout; called on the
   * socket's thread.
   *
   * @param last accepts frames to deliver before a close, if the socket can keep them
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

  /** Discards all queued frames, because the socket has ended; called on its thread. */
  void ended() {
    slow.stop();
    closing = null;
    unsent.clear();
  }

  /** Writes queued frames to the socket until it accepts no more; called on the socket's thread. */
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

  /** Pauses or resumes reading the client; called on the session's thread. */
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

  /** Adds a message of the client to the current batch; called on the socket's thread. */
  void add(Message message) {
    batch.add(message);
  }

  /** Submits the batch of a read to the session; called on the socket's thread. */
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
