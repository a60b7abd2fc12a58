package dev.holdfast.session;

import dev.holdfast.time.ErrorBoundary;
import org.jspecify.annotations.Nullable;

/** The present transport. Confined to its session. */
final class Downlink {
  private final Lane up;
  private final Downstream down;
  private final ErrorBoundary boundary;
  private Attachment attachment;
  private @Nullable Hop hop;
  private long newest = -1;

  /** The first one, heard by {@code receiver}. */
  Downlink(Hop first, Hop.Receiver receiver, Lane up, Downstream down, ErrorBoundary boundary) {
    this.boundary = boundary;
    this.up = up;
    this.down = down;
    this.attachment = new Attachment(receiver, boundary);
    become(first);
  }

  private void become(Hop next) {
    hop = next;
    up.from(next);
    down.to(next);
  }

  /** Another one takes its place. */
  void become(Hop next, Hop.Receiver receiver) {
    attachment = new Attachment(receiver, boundary);
    become(next);
  }

  /** The present one; null if the client is away. */
  @Nullable Hop hop() {
    return hop;
  }

  /** Hears the present transport, or has heard the last one. */
  Attachment attachment() {
    return attachment;
  }

  /** Whether the client is away. */
  boolean isGone() {
    return hop == null;
  }

  /** Whether a newcomer is older than the present one; if not, none older than it comes in. */
  boolean isOlder(long number) {
    if (hop != null && number < newest) {
      return true;
    }
    newest = number;
    return false;
  }

  /** It has ended by itself. */
  void lost() {
    hop = null;
  }

  /** Ends it behind what the client has sent already; false if there is none that can do so. */
  boolean leave(CloseReason reason) {
    return hop != null && hop.leave(reason);
  }

  /** Ends it, if it is there; what it still has to tell is heard by nobody. */
  void close(CloseReason reason) {
    Hop old = hop;
    hop = null;
    attachment.cut();
    if (old != null) {
      old.close(reason);
    }
  }
}
