package dev.holdfast.cluster;

import java.util.function.Consumer;

/** Where sessions went that were handed to another node. Thread-safe. */
public interface HandoffLocations {
  /** Who comes back with this pid finds the session at that node, for the resume window. */
  void moved(String pid, NodeId to);

  /**
   * Asks where the session of a pid went. The answer comes once, on a thread that must not be
   * blocked.
   */
  void find(String pid, Consumer<SessionLocation> answer);
}
