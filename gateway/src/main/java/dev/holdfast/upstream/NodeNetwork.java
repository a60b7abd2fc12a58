package dev.holdfast.upstream;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What connects this node to the others. Thread-safe. */
public record NodeNetwork(Peers peers, NodeTrust trust, NodeDialer dialer) {
  /** Another node, and where it is registered. */
  public record Place(NodeId node, InetSocketAddress address) {}

  /** The node that gave out a sid or a pid, if it is another one that can be asked. */
  public Optional<Place> giverOf(String secret) {
    return NodeId.of(secret).flatMap(this::other);
  }

  /** A node, if it is another one that can be asked. */
  public Optional<Place> other(NodeId node) {
    return node.equals(peers.self()) || peers.key().isEmpty()
        ? Optional.empty()
        : peers.find(node).map(address -> new Place(node, address));
  }
}
