package dev.holdfast.cluster;

import java.util.Optional;

/** The other nodes, as targets for forwarded requests and transports. Thread-safe. */
public interface Peers {
  /** Returns the name of this node. */
  NodeId self();

  /** Returns this incarnation of this node. */
  Incarnation incarnation();

  /** Returns a registered node other than this one; empty if there is none of this name. */
  Optional<Member> find(NodeId node);

  /** Returns the keys that nodes sign messages with; empty until they are known. */
  Optional<Keyring> keys();
}
