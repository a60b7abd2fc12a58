package dev.holdfast.session;

/**
 * The reasons for which a connection is not read; it is read again when none is left. Confined to
 * the connection's owner.
 */
public final class PauseReasons {
  private int bits;

  /** Adds a reason; true if it is the only one, so that reading has to stop. */
  public boolean add(PauseReason reason) {
    boolean first = bits == 0;
    bits |= reason.bit();
    return first;
  }

  /** Removes a reason; true if it was the last one, so that reading has to go on. */
  public boolean remove(PauseReason reason) {
    boolean any = bits != 0;
    bits &= ~reason.bit();
    return any && bits == 0;
  }

  /** Whether there is a reason. */
  public boolean areAny() {
    return bits != 0;
  }

  /** Whether this is one of them. */
  public boolean contains(PauseReason reason) {
    return (bits & reason.bit()) != 0;
  }

  /** Gives the same reasons to another connection. */
  public void copyTo(EngineConnection connection) {
    for (PauseReason reason : PauseReason.values()) {
      if (contains(reason)) {
        connection.pauseReads(reason);
      }
    }
  }
}
