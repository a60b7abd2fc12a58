package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One hop's tie to its session: what it tells is heard until the tie is cut. What is on its way
 * then, from another thread for instance, reaches nobody.
 */
final class Attachment implements Hop.Receiver {
  /** Takes messages out that are not the session's. */
  interface Filter {
    /** Whether a message goes no further. */
    boolean takes(Message message) throws ProtocolException;

    /** The hop takes frames again. */
    void writable();

    /** Whether nothing will have to be taken out any more. */
    boolean isDone();
  }

  private Hop.@Nullable Receiver heard;
  private ErrorBoundary boundary;
  private final List<Filter> filters = new ArrayList<>(0);

  /** What {@code heard} throws stays inside the boundary. */
  Attachment(Hop.Receiver heard, ErrorBoundary boundary) {
    this.heard = heard;
    this.boundary = boundary;
  }

  /** Who hears it; null if the tie is cut. */
  Hop.@Nullable Receiver heard() {
    return heard;
  }

  /** From now on somebody else hears it. */
  void to(Hop.Receiver receiver) {
    heard = receiver;
  }

  /** The same for somebody with a boundary of their own. */
  void to(Hop.Receiver receiver, ErrorBoundary around) {
    heard = receiver;
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
    if (heard == null) {
      return;
    }
    try {
      if (filters.isEmpty() || !isTaken(message)) {
        heard.message(message);
      }
    } catch (ProtocolException e) {
      throw e;
    } catch (Throwable error) {
      boundary.failed(error);
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
    if (heard == null) {
      return;
    }
    try {
      heard.batchEnd();
    } catch (Throwable error) {
      boundary.failed(error);
    }
  }

  @Override
  public void writable() {
    if (heard == null) {
      return;
    }
    try {
      for (Filter filter : filters) {
        filter.writable();
      }
      heard.writable();
    } catch (Throwable error) {
      boundary.failed(error);
    }
  }

  @Override
  public void acknowledged(long bytes) {
    Hop.Receiver now = heard;
    if (now != null) {
      boundary.run(() -> now.acknowledged(bytes));
    }
  }

  @Override
  public void takenOver() {
    Hop.Receiver now = heard;
    if (now != null) {
      boundary.run(now::takenOver);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    Hop.Receiver last = heard;
    if (last != null) {
      boundary.run(() -> last.closed(reason));
    }
  }
}
