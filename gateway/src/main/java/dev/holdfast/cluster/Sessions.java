package dev.holdfast.cluster;

/** The sessions of this node, which others learn of, and what they tell of theirs. Thread-safe. */
public interface Sessions {
  /** A session of this node begins. */
  Entry open();

  /** Those of the other nodes. */
  Elsewhere elsewhere();

  /** One session of this node. Confined to it. */
  interface Entry {
    /**
     * It is like this from now on. Others learn of it soon; only the last of many changes counts.
     */
    void is(SessionRecord session);

    /** It is over. */
    void close();
  }
}
