package dev.holdfast.hub;

import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Session;
import dev.holdfast.time.ErrorBoundary;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A session that lives here, as other threads may know it: they hand tasks to its own thread, which
 * alone may touch it. Thread-safe.
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
    /** One comes, through another node or not, with this token; null if it brings none. */
    void hasTransport(boolean throughNode, @Nullable String token);
  }

  /** A session on this thread, which is told by {@link #is}. */
  public SessionEntry(Executor thread) {
    this.thread = thread;
  }

  /** Says which session this is, before anybody can find it. */
  public void is(Session entry) {
    session = entry;
  }

  /** Sets the listener for new transports. */
  public void onTransport(TransportListener listener) {
    onTransport = listener;
  }

  /**
   * The session's client has come back over another transport; on the session's thread. What the
   * listener throws ends the session, which nobody else would tell that its transport fails.
   */
  public void hasTransport(boolean throughNode, @Nullable String token) {
    boundary.run(() -> onTransport.hasTransport(throughNode, token));
  }

  /** Whether this is the thread that owns the session. */
  public boolean isOn(Executor other) {
    return thread.equals(other);
  }

  /** Hands a task to the session's own thread; what it throws ends the session. */
  public void execute(Runnable task) {
    thread.execute(guard(task));
  }

  /** A task that its own thread runs later; what it throws ends the session. */
  public Runnable guard(Runnable task) {
    return boundary.guard(task);
  }

  /** The session, for tasks on its own thread. */
  public Session session() {
    Session entry = session;
    if (entry == null) {
      throw new IllegalStateException("a session was found before it was there");
    }
    return entry;
  }

  /** What has happened to it. */
  public SessionHistory history() {
    return history;
  }

  /** What the session keeps for a client that is away, in bytes. */
  public void parkedBytes(long bytes) {
    parkedBytes = bytes;
  }

  long parkedBytes() {
    return parkedBytes;
  }

  /** Ends the session, unless its client has come back meanwhile; says if it did. */
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

  /** Says what others may know of the session from now on. */
  public void record(SessionRecord known) {
    record = known;
  }

  /** What others may know of the session; empty while no upstream has let it in. */
  public Optional<SessionRecord> record() {
    return Optional.ofNullable(record);
  }

  /** Ends the session. */
  public void close(CloseReason reason) {
    execute(() -> session().close(reason));
  }

  /** Says on which upstream the session is. */
  public void at(String name) {
    upstream = name;
  }

  boolean isAt(String name) {
    return upstream.equals(name);
  }

  /** Gives the session to the node that its client is on; {@code late}: even if it is not quiet. */
  void handOff(boolean late) {
    execute(() -> session().handOff(late));
  }

  /** Moves the session off an upstream; {@code late}: even if it is not quiet. */
  void move(String from, boolean late) {
    execute(
        () -> {
          // It may have moved since it was found there.
          if (isAt(from)) {
            session().move(late);
          }
        });
  }
}
