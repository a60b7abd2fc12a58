package dev.holdfast.cluster;

import java.util.Map;

/** The sessions of other nodes, as last told. Thread-safe. */
public interface RemoteSessions {
  /** The upstreams of a user's sessions, and how many are at each. */
  Map<String, Integer> upstreamsOf(String user);

  /** How many clients of this address are connected, without those that came through a node. */
  int clientsAt(String address);

  /** There is nobody else. */
  static RemoteSessions nobody() {
    return new RemoteSessions() {
      @Override
      public Map<String, Integer> upstreamsOf(String user) {
        return Map.of();
      }

      @Override
      public int clientsAt(String address) {
        return 0;
      }
    };
  }
}
