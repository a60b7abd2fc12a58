package dev.holdfast.sessions;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import dev.holdfast.upstream.RelinkPermit;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A link that opens once its relink permit is granted. Confined to the session's thread. */
final class AwaitedLink implements EngineConnection {
  private final PauseReasons pauses = new PauseReasons();
  private @Nullable RelinkPermit permit;
  private @Nullable EngineConnection link;
  private boolean closed;

  /** Sets the permit that the link waits for. */
  void awaits(RelinkPermit asked) {
    permit = asked;
  }

  /** Returns whether the link is still needed when its permit is granted. */
  boolean isWanted() {
    return !closed;
  }

  /** Sets the link that is being opened, and applies the pause reasons so far. */
  void is(EngineConnection dialled) {
    link = dialled;
    pauses.copyTo(dialled);
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return link != null && link.send(frames);
  }

  @Override
  public boolean isFlushed() {
    return link == null || link.isFlushed();
  }

  @Override
  public void pauseReads(PauseReason reason) {
    pauses.add(reason);
    if (link != null) {
      link.pauseReads(reason);
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    pauses.remove(reason);
    if (link != null) {
      link.resumeReads(reason);
    }
  }

  @Override
  public boolean ping() {
    // An upstream confirms nothing.
    return false;
  }

  @Override
  public void close(CloseReason reason) {
    closed = true;
    if (permit != null) {
      permit.cancel();
    }
    if (link != null) {
      link.close(reason);
    }
  }
}
