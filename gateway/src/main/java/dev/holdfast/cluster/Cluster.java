package dev.holdfast.cluster;

import java.io.Closeable;
import java.net.InetSocketAddress;

/**
 * This node and the others: who they are, what sessions they have, and how to talk to all of them.
 * Nothing here blocks, and every question is answered from memory unless it says otherwise.
 * Thread-safe.
 */
public interface Cluster extends Closeable {
  /** This node and the addresses of the others. */
  Peers peers();

  /** The nodes that are there, this one among them. */
  Nodes nodes();

  /** The sessions of all nodes. */
  Sessions sessions();

  /** Where sessions went that were handed over. */
  HandoffLocations handoffLocations();

  /** The rate limits that nodes share. */
  SharedRateLimit rateLimit();

  /** What nodes tell each other to do. */
  Commands commands();

  /** From now on this node is one of them, and others reach it at this address. */
  void join(InetSocketAddress address);

  /** From now on this node takes no new sessions. */
  void draining();

  /** Leaves at once; its sessions are gone for the others. */
  @Override
  void close();
}
