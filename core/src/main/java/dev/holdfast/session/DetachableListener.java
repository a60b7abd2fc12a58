package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the events of a connection to its session until it is detached. Drops events that are in
 * transit at that time, for example from another thread.
 */
final class DetachableListener implements EngineConnection.Listener {
  /** Intercepts messages that are not meant for the session. */
  interface Filter {
    /** Returns whether the message was consumed and must not be forwarded. */
    boolean takes(Message message) throws ProtocolException;

    /** Called when the connection accepts frames again. */
    void writable();

    /** Returns whether the filter has nothing more to intercept. */
    boolean isDone();
  }

  private EngineConnection.@Nullable Listener listener;
  private ErrorBoundary boundary;
  private final List<Filter> filters = new ArrayList<>(0);

  /** Creates a listener whose errors stay inside the boundary. */
  DetachableListener(EngineConnection.Listener listener, ErrorBoundary boundary) {
    this.listener = listener;
    this.boundary = boundary;
  }

  /** Returns the current listener; null if detached. */
  EngineConnection.@Nullable Listener listener() {
    return listener;
  }

  /** Replaces the listener. */
  void to(EngineConnection.Listener listener) {
    this.listener = listener;
  }

  /** Replaces the listener and its error boundary. */
  void to(EngineConnection.Listener listener, ErrorBoundary around) {
    this.listener = listener;
    boundary = around;
  }

  /** Adds a filter, which sees each message before earlier filters until it is done. */
  void filter(Filter filter) {
    filters.add(filter);
  }

  /** Detaches the listener: no further event is forwarded. */
  void cut() {
    listener = null;
  }

  @Override
  public void message(Message message) throws ProtocolException {
    boundary.enter(this, message, DetachableListener::pass);
  }

  private void pass(Message message) throws ProtocolException {
    EngineConnection.Listener now = listener;
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
    EngineConnection.Listener now = listener;
    if (now != null) {
      boundary.enter(now, EngineConnection.Listener::batchEnd);
    }
  }

  @Override
  public void writable() {
    boundary.enter(this, DetachableListener::passWritable);
  }

  private void passWritable() {
    EngineConnection.Listener now = listener;
    if (now != null) {
      for (Filter filter : filters) {
        filter.writable();
      }
      now.writable();
    }
  }

  @Override
  public void acknowledged(long bytes) {
    EngineConnection.Listener now = listener;
    if (now != null) {
      boundary.run(() -> now.acknowledged(bytes));
    }
  }

  @Override
  public void takenOver() {
    EngineConnection.Listener now = listener;
    if (now != null) {
      boundary.run(now::takenOver);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    EngineConnection.Listener last = listener;
    if (last != null) {
      boundary.run(() -> last.closed(reason));
    }
  }
}
