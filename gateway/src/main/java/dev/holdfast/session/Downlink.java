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

  /** The first one, heard by {@code listener}. */
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

  /** Another one takes its place. */
  void become(EngineConnection next, EngineConnection.Listener listener) {
    detachable = new DetachableListener(listener, boundary);
    become(next);
  }

  /** The present one; null if the client is away. */
  @Nullable EngineConnection connection() {
    return connection;
  }

  /** Hears the present transport, or has heard the last one. */
  DetachableListener detachable() {
    return detachable;
  }

  /** Whether the client is away. */
  boolean isGone() {
    return connection == null;
  }

  /** Whether a newcomer is older than the present one; if not, none older than it comes in. */
  boolean isOlder(long number) {
    if (connection != null && number < newest) {
      return true;
    }
    newest = number;
    return false;
  }

  /** It has ended by itself. */
  void lost() {
    connection = null;
  }

  /** Ends it behind what the client has sent already; false if there is none that can do so. */
  boolean leave(CloseReason reason) {
    return connection != null && connection.leave(reason);
  }

  /** Ends it, if it is there; what it still has to tell is heard by nobody. */
  void close(CloseReason reason) {
    EngineConnection old = connection;
    connection = null;
    detachable.cut();
    if (old != null) {
      old.close(reason);
    }
  }
}
