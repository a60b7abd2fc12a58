package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import java.time.Duration;

/**
 * Who writes. Immutable.
 *
 * @param incarnation of this process, unlike that of any other
 * @param started when this process did, in milliseconds since 1970
 */
record Self(NodeId id, String incarnation, long started, Duration beat, KeyNames names) {
  /** This start of this node. */
  Incarnation start() {
    return new Incarnation(id, incarnation);
  }

  /** How long what a node has written stays without its beat. */
  Duration expiry() {
    return beat.multipliedBy(Membership.GRACE_BEATS);
  }

  String expiryMillis() {
    return Long.toString(expiry().toMillis());
  }
}
