package dev.holdfast.sessions;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import java.nio.ByteBuffer;

/** Stands in for a link when no upstream is available. Accepts nothing. */
final class NoLink implements EngineConnection {
  @Override
  public boolean send(ByteBuffer frames) {
    return false;
  }

  @Override
  public void pauseReads(PauseReason reason) {}

  @Override
  public void resumeReads(PauseReason reason) {}

  @Override
  public boolean ping() {
    return false;
  }

  @Override
  public void close(CloseReason reason) {}
}
