package dev.holdfast.session;

import java.nio.ByteBuffer;

/** Two links that are read, or not, together, or one would run ahead of the other. */
record TwoLinks(Hop old, Hop next, PausedClock clock) implements Hop {
  @Override
  public void pauseReads() {
    clock.pause();
    old.pauseReads();
    next.pauseReads();
  }

  @Override
  public void resumeReads() {
    clock.resume();
    old.resumeReads();
    next.resumeReads();
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
