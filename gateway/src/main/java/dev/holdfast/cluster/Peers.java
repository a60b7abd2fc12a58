package dev.holdfast.cluster;

import java.util.Optional;

/** The other nodes, as far as requests and transports can be sent on to them. Thread-safe. */
public interface Peers {
  /** The name of this node. */
  NodeId self();

  /** This start of this node. */
  Incarnation incarnation();

  /** A registered node other than this one; empty if there is none of this name. */
  Optional<Member> find(NodeId node);

  /** The keys that nodes sign with when they talk to each other; empty until they are known. */
  Optional<Keyring> keys();
}
