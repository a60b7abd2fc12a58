package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import org.jspecify.annotations.Nullable;

/**
 * One hop's tie to its session: what it tells is heard until the tie is cut. What is on its way
 * then, from another thread for instance, reaches nobody.
 */
final class Attachment implements Hop.Receiver {
  private Hop.@Nullable Receiver heard;
  private ErrorBoundary boundary;

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
      heard.message(message);
    } catch (ProtocolException e) {
      throw e;
    } catch (Throwable error) {
      boundary.failed(error);
    }
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
