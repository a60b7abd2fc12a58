package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;

/**
 * What keys and channels are called. The prefix is a hash tag, so that all of them are in one slot
 * of a Redis Cluster and a script may touch several. Immutable.
 */
record KeyNames(String prefix) {
  /** What all keys and channels begin with. */
  String base() {
    return "{" + prefix + "}:";
  }

  /** Key of the set of node ids; channel that all nodes hear. */
  String nodes() {
    return base() + "nodes";
  }

  /** Key of a node's hash; channel that it alone hears. */
  String node(NodeId id) {
    return base() + "node:" + id;
  }

  /** Key of the hash of a node's sessions. */
  String sessions(NodeId id) {
    return base() + "sessions:" + id;
  }

  /** Key of the node that a session was handed off to. */
  String moved(String pidHash) {
    return base() + "moved:" + pidHash;
  }

  /** Key of an upstream's shared rate limit. */
  String pace(String upstream) {
    return base() + "pace:" + upstream;
  }

  /** Key of the hash of what was revoked. */
  String revoked() {
    return base() + "revoked";
  }

  /** Key of what nodes sign with if no secret is set. */
  String key() {
    return base() + "key";
  }
}
