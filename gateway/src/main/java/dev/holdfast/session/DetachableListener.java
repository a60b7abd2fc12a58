package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Passes what a connection reports to its session until it is detached. What is on its way then,
 * from another thread for instance, reaches nobody.
 */
final class DetachableListener implements EngineConnection.Listener {
  /** Takes messages out that are not the session's. */
  interface Filter {
    /** Whether a message goes no further. */
    boolean takes(Message message) throws ProtocolException;

    /** The connection takes frames again. */
    void writable();

    /** Whether nothing will have to be taken out any more. */
    boolean isDone();
  }

  private EngineConnection.@Nullable Listener heard;
  private ErrorBoundary boundary;
  private final List<Filter> filters = new ArrayList<>(0);

  /** What {@code heard} throws stays inside the boundary. */
  DetachableListener(EngineConnection.Listener heard, ErrorBoundary boundary) {
    this.heard = heard;
    this.boundary = boundary;
  }

  /** Who hears it; null if the tie is cut. */
  EngineConnection.@Nullable Listener heard() {
    return heard;
  }

  /** From now on somebody else hears it. */
  void to(EngineConnection.Listener listener) {
    heard = listener;
  }

  /** The same for somebody with a boundary of their own. */
  void to(EngineConnection.Listener listener, ErrorBoundary around) {
    heard = listener;
    boundary = around;
  }

  /** From now on this one sees each message first, until it is done. */
  void filter(Filter filter) {
    filters.add(filter);
  }

  /** From now on nothing is heard. */
  void cut() {
    heard = null;
  }

  @Override
  public void message(Message message) throws ProtocolException {
    boundary.enter(this, message, DetachableListener::pass);
  }

  private void pass(Message message) throws ProtocolException {
    EngineConnection.Listener now = heard;
    if (now != null && (filters.isEmpty() || !isTaken(message))) {
      now.message(message);
    }
  }

  private boolean isTaken(Message message) throws ProtocolException {
    boolean taken = false;
    for (int i = filters.size() - 1; i >= 0 && !taken; i--) {
      taken = filters.get(i).takes(message);
      if (filters.get(i).isDone()) {
        filters.remove(i);
      }
    }
    return taken;
  }

  @Override
  public void batchEnd() {
    EngineConnection.Listener now = heard;
    if (now != null) {
      boundary.enter(now, EngineConnection.Listener::batchEnd);
    }
  }

  @Override
  public void writable() {
    boundary.enter(this, DetachableListener::passWritable);
  }

  private void passWritable() {
    EngineConnection.Listener now = heard;
    if (now != null) {
      for (Filter filter : filters) {
        filter.writable();
      }
      now.writable();
    }
  }

  @Override
  public void acknowledged(long bytes) {
    EngineConnection.Listener now = heard;
    if (now != null) {
      boundary.run(() -> now.acknowledged(bytes));
    }
  }

  @Override
  public void takenOver() {
    EngineConnection.Listener now = heard;
    if (now != null) {
      boundary.run(now::takenOver);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    EngineConnection.Listener last = heard;
    if (last != null) {
      boundary.run(() -> last.closed(reason));
    }
  }
}
