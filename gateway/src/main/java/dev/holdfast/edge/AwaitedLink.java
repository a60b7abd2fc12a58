package dev.holdfast.edge;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Hop;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import dev.holdfast.upstream.Turn;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A link that is opened when its turn has come. Confined to the session's thread. */
final class AwaitedLink implements Hop {
  private final PauseReasons pauses = new PauseReasons();
  private @Nullable Turn turn;
  private @Nullable Hop link;
  private boolean closed;

  /** Says which turn it waits for. */
  void awaits(Turn asked) {
    turn = asked;
  }

  /** The turn has come, unless nobody wants it any more. */
  boolean isWanted() {
    return !closed;
  }

  /** The link is being opened. */
  void is(Hop dialled) {
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
    if (turn != null) {
      turn.cancel();
    }
    if (link != null) {
      link.close(reason);
    }
  }
}
