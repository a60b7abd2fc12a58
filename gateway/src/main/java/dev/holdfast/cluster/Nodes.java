package dev.holdfast.cluster;

import java.util.List;

/** The nodes that are there. Thread-safe. */
public interface Nodes {
  /** As last seen, this node among them once it has joined, in the order of their names. */
  List<Member> all();

  /** Tells the listener what happens from now on, on a thread that it must not block. */
  void onChange(Listener listener);

  /** Hears of nodes that come and go. */
  interface Listener {
    /** A node is there. */
    void joined(Member node);

    /** A node is about to leave: until this returns, it is there. */
    default void leaving(Member node) {}

    /** A node is not there any more. */
    void left(Member node);
  }
}
