package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import java.time.Duration;

/**
 * The identity of this node. Immutable.
 *
 * @param incarnation unique to this process
 * @param started when this process started, in milliseconds since 1970
 */
record Self(NodeId id, String incarnation, long started, Duration beat, KeyNames names) {
  /** Returns this incarnation of the node. */
  Incarnation start() {
    return new Incarnation(id, incarnation);
  }

  /** Returns how long a node's data outlives its last beat. */
  Duration expiry() {
    return beat.multipliedBy(Membership.GRACE_BEATS);
  }

  String expiryMillis() {
    return Long.toString(expiry().toMillis());
  }
}
