package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;

/**
 * The names of keys and channels. The prefix is a hash tag, so that all keys are in one slot of a
 * Redis Cluster and a script may access several. Immutable.
 */
record KeyNames(String prefix) {
  /** Returns the common prefix of keys and channels. */
  String base() {
    return "{" + prefix + "}:";
  }

  /** Key of the set of node ids, and the channel that all nodes subscribe to. */
  String nodes() {
    return base() + "nodes";
  }

  /** Key of a node's hash, and the channel that only this node subscribes to. */
  String node(NodeId id) {
    return base() + "node:" + id;
  }

  /** Key of the hash of a node's sessions. */
  String sessions(NodeId id) {
    return base() + "sessions:" + id;
  }

  /** Key of the handoff record of a session. */
  String moved(String pidHash) {
    return base() + "moved:" + pidHash;
  }

  /** Key of an upstream's shared rate limit. */
  String pace(String upstream) {
    return base() + "pace:" + upstream;
  }

  /** Key of the hash of revocations. */
  String revoked() {
    return base() + "revoked";
  }

  /** Key of the signing key that is used if no secret is configured. */
  String key() {
    return base() + "key";
  }
}
