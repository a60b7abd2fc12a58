package dev.holdfast.session;

/** Why reads of a connection are paused. */
public enum PauseReason {
  /** The peer does not accept data as fast as it is read. */
  SLOW_PEER(1),
  /** Too much data is in transit to another thread. */
  OTHER_THREAD(2),
  /** The owner of the connection is not decided yet. */
  PENDING(4),
  /** The session is about to be handed off to another node. */
  HANDOFF(8),
  /** The session's node has not confirmed what was read. */
  UNCONFIRMED(16);

  private final int bit;

  PauseReason(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }
}
