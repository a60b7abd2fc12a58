package dev.holdfast.cluster;

import java.util.Map;

/** The sessions of other nodes, as last published. Thread-safe. */
public interface RemoteSessions {
  /** Returns the number of a user's sessions by upstream. */
  Map<String, Integer> upstreamsOf(String user);

  /**
   * Returns the number of connected clients of an address, except those that came through a node.
   */
  int clientsAt(String address);
}
