package dev.holdfast.cluster;

import java.util.Collection;
import java.util.Map;

/** The sessions of this node, which others learn of, and what they tell of theirs. Thread-safe. */
public interface Sessions {
  /** A session of this node begins. */
  Entry open();

  /** All that are known, those of this node among them; a copy, for people. */
  Map<NodeId, Collection<SessionRecord>> all();

  /** Those of the other nodes, counted. */
  RemoteSessions remoteSessions();

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
