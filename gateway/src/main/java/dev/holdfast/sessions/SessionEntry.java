package dev.holdfast.sessions;

import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Session;
import dev.holdfast.time.ErrorBoundary;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A handle on a session of this node for other threads. They submit tasks to the session's own
 * thread, which alone may access it. Thread-safe.
 */
public final class SessionEntry {
  private final ErrorBoundary boundary =
      new ErrorBoundary("a session", () -> session().close(CloseReason.INTERNAL));
  private final Executor thread;
  private final SessionHistory history = new SessionHistory();
  private volatile @Nullable Session session;
  private volatile long parkedBytes;
  private volatile String upstream = "";
  private volatile @Nullable SessionRecord record;
  private volatile TransportListener onTransport = (throughNode, token) -> {};

  /** Listens for new transports, on the session's thread. */
  @FunctionalInterface
  public interface TransportListener {
    /** Called with a new transport's origin and token; null if it has no token. */
    void hasTransport(boolean throughNode, @Nullable String token);
  }

  /** Creates an entry for a session on this thread, which {@link #is} sets. */
  public SessionEntry(Executor thread) {
    this.thread = thread;
  }

  /** Sets the session, before the entry is published. */
  public void is(Session entry) {
    session = entry;
  }

  /** Sets the listener for new transports. */
  public void onTransport(TransportListener listener) {
    onTransport = listener;
  }

  /**
   * Notifies the listener of the client's new transport; called on the session's thread. An
   * exception of the listener ends the session.
   */
  public void hasTransport(boolean throughNode, @Nullable String token) {
    boundary.run(() -> onTransport.hasTransport(throughNode, token));
  }

  /** Returns whether this is the thread that owns the session. */
  public boolean isOn(Executor other) {
    return thread.equals(other);
  }

  /** Submits a task to the session's own thread; an exception ends the session. */
  public void execute(Runnable task) {
    thread.execute(guard(task));
  }

  /**
   * Submits a task that hands something to the session. If an exception has ended the session,
   * {@code ended} runs on its thread.
   */
  public void execute(Runnable task, Runnable ended) {
    thread.execute(
        () -> {
          if (!boundary.run(task)) {
            ended.run();
          }
        });
  }

  /** Returns a task for the session's thread; an exception ends the session. */
  public Runnable guard(Runnable task) {
    return boundary.guard(task);
  }

  /** Returns the session, for tasks on its own thread. */
  public Session session() {
    Session entry = session;
    if (entry == null) {
      throw new IllegalStateException("the entry has no session yet");
    }
    return entry;
  }

  /** Returns the session's history. */
  public SessionHistory history() {
    return history;
  }

  /** Sets the number of bytes that the session retains for a disconnected client. */
  public void parkedBytes(long bytes) {
    parkedBytes = bytes;
  }

  long parkedBytes() {
    return parkedBytes;
  }

  /** Ends the session unless its client has returned; runs {@code closed} if it ended. */
  void closeParked(CloseReason reason, Runnable closed) {
    execute(
        () -> {
          boolean open = !session().isClosed();
          session().closeParked(reason);
          if (open && session().isClosed()) {
            closed.run();
          }
        });
  }

  /** Sets the record that other nodes may see. */
  public void record(SessionRecord known) {
    record = known;
  }

  /**
   * Returns the record that other nodes may see; empty until an upstream has accepted the session.
   */
  public Optional<SessionRecord> record() {
    return Optional.ofNullable(record);
  }

  /** Ends the session. */
  public void close(CloseReason reason) {
    execute(() -> session().close(reason));
  }

  /** Sets the upstream that the session is on. */
  public void at(String name) {
    upstream = name;
  }

  boolean isAt(String name) {
    return upstream.equals(name);
  }

  /** Hands the session off to the node of its client; {@code late}: even if it is not quiet. */
  void handOff(boolean late) {
    execute(() -> session().handOff(late));
  }

  /** Moves the session off an upstream; {@code late}: even if it is not quiet. */
  void move(String from, boolean late) {
    execute(
        () -> {
          // It may have moved in the meantime.
          if (isAt(from)) {
            session().move(late);
          }
        });
  }
}
