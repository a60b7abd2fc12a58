package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;

/** A connection on which nothing happens; tests override what they need. */
public abstract class QuietConnection implements ByteConnection {
  private final EventLoop loop;
  private boolean reading;

  /** Creates a connection on this event loop. */
  protected QuietConnection(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public boolean flush() {
    return true;
  }

  @Override
  public void shutdownWrites() {}

  @Override
  public void suspendReads() {
    reading = false;
  }

  @Override
  public void resumeReads() {
    reading = true;
  }

  @Override
  public boolean isReadResumed() {
    return reading;
  }

  @Override
  public void wakeupReads() {}

  @Override
  public void suspendWrites() {}

  @Override
  public void resumeWrites() {}

  @Override
  public boolean readsAhead() {
    return false;
  }

  @Override
  public void close() {}
}
