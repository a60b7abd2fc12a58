package dev.holdfast.session;

import dev.holdfast.time.ErrorBoundary;
import org.jspecify.annotations.Nullable;

/** The present transport. Confined to its session. */
final class Downlink {
  private final ForwardBuffer up;
  private final Downstream down;
  private final ErrorBoundary boundary;
  private DetachableListener detachable;
  private @Nullable EngineConnection connection;
  private long newest = -1;

  /** Creates a downlink over the first transport, which reports to {@code listener}. */
  Downlink(
      EngineConnection first,
      EngineConnection.Listener listener,
      ForwardBuffer up,
      Downstream down,
      ErrorBoundary boundary) {
    this.boundary = boundary;
    this.up = up;
    this.down = down;
    this.detachable = new DetachableListener(listener, boundary);
    become(first);
  }

  private void become(EngineConnection next) {
    connection = next;
    up.from(next);
    down.to(next);
  }

  /** Replaces the transport. */
  void become(EngineConnection next, EngineConnection.Listener listener) {
    detachable = new DetachableListener(listener, boundary);
    become(next);
  }

  /** Returns the present transport; null if the client is away. */
  @Nullable EngineConnection connection() {
    return connection;
  }

  /** Returns the listener of the present or the last transport. */
  DetachableListener detachable() {
    return detachable;
  }

  /** Returns whether the client is away. */
  boolean isGone() {
    return connection == null;
  }

  /**
   * Returns whether a transport is older than the present one. If not, records its number, so that
   * older ones are rejected.
   */
  boolean isOlder(long number) {
    if (connection != null && number < newest) {
      return true;
    }
    newest = number;
    return false;
  }

  /** Records that the transport has ended by itself. */
  void lost() {
    connection = null;
  }

  /**
   * Closes the transport gracefully, after what the client has already sent. Returns false if there
   * is no transport or it cannot do so.
   */
  boolean leave(CloseReason reason) {
    return connection != null && connection.leave(reason);
  }

  /** Closes the transport, if any. Its further events are dropped. */
  void close(CloseReason reason) {
    EngineConnection old = connection;
    connection = null;
    detachable.cut();
    if (old != null) {
      old.close(reason);
    }
  }
}
