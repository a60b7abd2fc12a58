package dev.holdfast.session;

/**
 * The set of reasons for which reads of a connection are paused. Reads resume when it is empty.
 * Confined to the connection's owner.
 */
public final class PauseReasons {
  private int bits;

  /** Adds a reason. Returns true if the set was empty, so that reads have to stop. */
  public boolean add(PauseReason reason) {
    boolean first = bits == 0;
    bits |= reason.bit();
    return first;
  }

  /** Removes a reason. Returns true if it was the last one, so that reads have to resume. */
  public boolean remove(PauseReason reason) {
    boolean any = bits != 0;
    bits &= ~reason.bit();
    return any && bits == 0;
  }

  /** Returns whether there is any reason. */
  public boolean areAny() {
    return bits != 0;
  }

  /** Returns whether the set contains the reason. */
  public boolean contains(PauseReason reason) {
    return (bits & reason.bit()) != 0;
  }

  /** Adds these reasons to another connection. */
  public void copyTo(EngineConnection connection) {
    for (PauseReason reason : PauseReason.values()) {
      if (contains(reason)) {
        connection.pauseReads(reason);
      }
    }
  }
}
