package dev.holdfast.session;

import java.nio.ByteBuffer;

/** Two links whose reads are paused and resumed together, so that neither runs ahead. */
record TwoLinks(EngineConnection old, EngineConnection next, PausedClock clock, PauseReasons pauses)
    implements EngineConnection {
  TwoLinks(EngineConnection old, EngineConnection next, PausedClock clock) {
    this(old, next, clock, new PauseReasons());
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason)) {
      clock.pause();
    }
    old.pauseReads(reason);
    next.pauseReads(reason);
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason)) {
      clock.resume();
    }
    old.resumeReads(reason);
    next.resumeReads(reason);
  }

  @Override
  public boolean send(ByteBuffer frames) {
    throw new IllegalStateException("what goes up goes to one of them");
  }

  @Override
  public boolean ping() {
    throw new IllegalStateException("links have no confirmations to give");
  }

  @Override
  public void close(CloseReason reason) {
    throw new IllegalStateException("they end one by one");
  }
}
