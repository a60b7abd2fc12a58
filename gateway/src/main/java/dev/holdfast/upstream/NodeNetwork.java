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
    return NodeId.of(secret)
        .filter(node -> !node.equals(peers.self()) && peers.key().isPresent())
        .flatMap(node -> peers.find(node).map(address -> new Place(node, address)));
  }
}
