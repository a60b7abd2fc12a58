package dev.holdfast.cluster;

import java.util.List;

/** The current nodes. Thread-safe. */
public interface Nodes {
  /** Returns the nodes as last seen, ordered by name; includes this node once it has joined. */
  List<Member> all();

  /** Registers a listener for changes. It is called on a thread that it must not block. */
  void onChange(Listener listener);

  /** Receives membership changes. */
  interface Listener {
    /** Called when a node has joined. */
    void joined(Member node);

    /** Called before a node is removed; it is still a member until this returns. */
    default void leaving(Member node) {}

    /** Called when a node has been removed. */
    void left(Member node);
  }
}
