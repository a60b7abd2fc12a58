package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Roster;
import java.time.Duration;

/**
 * Who writes. Immutable.
 *
 * @param incarnation of this process, unlike that of any other
 */
record Self(NodeId id, String incarnation, Duration beat, Names names) {
  /** How long what a node has written stays without its beat. */
  Duration expiry() {
    return beat.multipliedBy(Roster.GRACE_BEATS);
  }

  String expiryMillis() {
    return Long.toString(expiry().toMillis());
  }
}
