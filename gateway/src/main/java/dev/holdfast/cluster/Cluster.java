package dev.holdfast.cluster;

import java.io.Closeable;
import java.net.InetSocketAddress;

/**
 * This node and the others: their identities, their sessions, and messages between them. No method
 * blocks, and queries are answered from memory unless stated otherwise. Thread-safe.
 */
public interface Cluster extends Closeable {
  /** Returns this node's identity and the addresses of the others. */
  Peers peers();

  /** Returns the current nodes, including this one. */
  Nodes nodes();

  /** Returns the sessions of all nodes. */
  Sessions sessions();

  /** Returns where handed-off sessions are. */
  HandoffLocations handoffLocations();

  /** Returns the rate limits that nodes share. */
  SharedRateLimit rateLimit();

  /** Returns the commands between nodes. */
  Commands commands();

  /** Registers this node at the address where others reach it. */
  void join(InetSocketAddress address);

  /** Announces that this node takes no new sessions. */
  void draining();

  /** Leaves the cluster at once; other nodes drop its sessions. */
  @Override
  void close();
}
