package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * One hop's tie to its session: what it tells is heard until the tie is cut. What is on its way
 * then, from another thread for instance, reaches nobody.
 */
final class Attachment implements Hop.Receiver {
  private Hop.@Nullable Receiver heard;

  Attachment(Hop.Receiver heard) {
    this.heard = heard;
  }

  /** From now on somebody else hears it. */
  void to(Hop.Receiver receiver) {
    heard = receiver;
  }

  /** From now on nothing is heard. */
  void cut() {
    heard = null;
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (heard != null) {
      heard.message(message);
    }
  }

  @Override
  public void batchEnd() {
    if (heard != null) {
      heard.batchEnd();
    }
  }

  @Override
  public void writable() {
    if (heard != null) {
      heard.writable();
    }
  }

  @Override
  public void acknowledged(long bytes) {
    if (heard != null) {
      heard.acknowledged(bytes);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    Hop.Receiver last = heard;
    if (last != null) {
      last.closed(reason);
    }
  }
}
