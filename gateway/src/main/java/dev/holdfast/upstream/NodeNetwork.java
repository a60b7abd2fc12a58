package dev.holdfast.upstream;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import dev.holdfast.wire.WebSocketConnector;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What connects this node to the others. Thread-safe. */
public record NodeNetwork(Peers peers, LastKnown lastKnown, Connectors connectors) {
  /** How the other nodes are reached. */
  public interface Connectors {
    /** Opens WebSockets to a node's Engine.IO endpoint at this path, for a client. */
    WebSocketConnector to(Place place, Forwarding.Client client, String path);
  }

  /** Reaches the others over the network, with signed requests. */
  public static NodeNetwork over(
      NodeDialer dialer, NodeTrust trust, Peers peers, LastKnown lastKnown) {
    return new NodeNetwork(
        peers,
        lastKnown,
        (place, client, path) -> new NodeTarget(dialer, trust, place, client, path));
  }

  /** Another node, and where it is registered. */
  public record Place(Incarnation start, InetSocketAddress address) {
    /** The node's name. */
    public NodeId node() {
      return start.node();
    }
  }

  WebSocketConnector connector(Place place, Forwarding.Client client, String path) {
    return connectors.to(place, client, path);
  }

  /** The node that gave out a sid or a pid, if it is another one that can be asked. */
  public Optional<Place> giverOf(String secret) {
    return NodeId.of(secret).flatMap(this::other);
  }

  /** A node, if it is another one that can be asked. */
  public Optional<Place> other(NodeId node) {
    return node.equals(peers.self()) || peers.keys().isEmpty()
        ? Optional.empty()
        : peers
            .find(node)
            .or(() -> lastKnown.find(node))
            .map(member -> new Place(member.start(), member.address()));
  }
}
