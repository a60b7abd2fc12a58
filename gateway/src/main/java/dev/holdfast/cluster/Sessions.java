package dev.holdfast.cluster;

import java.util.Collection;
import java.util.Map;

/** Publishes the sessions of this node and tracks those of others. Thread-safe. */
public interface Sessions {
  /** Adds a session of this node. */
  Entry open();

  /** Returns a copy of all known sessions, including those of this node, for display. */
  Map<NodeId, Collection<SessionRecord>> all();

  /** Returns the sessions of the other nodes. */
  RemoteSessions remoteSessions();

  /** A session of this node. Confined to that session's thread. */
  interface Entry {
    /** Sets the current state. Other nodes learn of it soon; intermediate states may be skipped. */
    void is(SessionRecord session);

    /** Removes the session. */
    void close();
  }
}
