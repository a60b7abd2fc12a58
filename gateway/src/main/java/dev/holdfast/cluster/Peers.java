package dev.holdfast.cluster;

import java.net.InetSocketAddress;
import java.util.Optional;

/** The other nodes, as far as requests and transports can be sent on to them. Thread-safe. */
public interface Peers {
  /** The name of this node. */
  NodeId self();

  /**
   * Where a registered node listens for others, unresolved; empty if there is none of this name.
   */
  Optional<InetSocketAddress> find(NodeId node);

  /** The key that nodes sign with when they talk to each other; empty until it is known. */
  Optional<byte[]> key();
}
