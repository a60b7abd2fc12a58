package dev.holdfast.cluster;

import java.util.function.Consumer;

/** Tracks the nodes that sessions were handed off to. Thread-safe. */
public interface HandoffLocations {
  /** Records for the resume window that the session with this pid is at that node. */
  void moved(String pid, NodeId to);

  /**
   * Looks up the node of a session by its pid. The callback is invoked once, on a thread that must
   * not be blocked.
   */
  void find(String pid, Consumer<SessionLocation> answer);
}
