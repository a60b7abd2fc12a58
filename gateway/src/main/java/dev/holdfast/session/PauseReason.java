package dev.holdfast.session;

/** Why a connection is not read. */
public enum PauseReason {
  /** What was read cannot be passed on as fast. */
  SLOW_PEER(1),
  /** Too much is on its way to another thread. */
  OTHER_THREAD(2),
  /** It is not decided yet whose it is. */
  PENDING(4),
  /** Its session is about to be handed to another node. */
  HANDOFF(8),
  /** The node of the session has not said that it has taken what was read. */
  UNCONFIRMED(16);

  private final int bit;

  PauseReason(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }
}
