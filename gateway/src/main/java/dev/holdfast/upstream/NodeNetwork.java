package dev.holdfast.upstream;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.engineio.WebSocketClientHandshake;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.WebSocketConnector;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Finds and connects to the other nodes of the cluster. Thread-safe. */
public record NodeNetwork(Peers peers, LastKnown lastKnown, Connectors connectors) {
  /** Opens connections to other nodes. */
  public interface Connectors {
    /**
     * Returns a connector for WebSockets to a node's Engine.IO endpoint at this path, on behalf of
     * a client.
     */
    WebSocketConnector to(Place place, ForwardedClient client, String path);
  }

  /** Creates a network that reaches the other nodes with signed requests. */
  public static NodeNetwork over(
      NodeDialer dialer, NodeTrust trust, Peers peers, LastKnown lastKnown) {
    return new NodeNetwork(
        peers,
        lastKnown,
        (place, client, path) ->
            WebSocketClientHandshake.connector(
                (thread, callback) -> dialer.connect(place.address(), thread, callback),
                new NodeLinkRequest(trust, place, client, path)::encode));
  }

  /** Another node and its registered address. */
  public record Place(Incarnation start, InetSocketAddress address) {
    /** Returns the node's name. */
    public NodeId node() {
      return start.node();
    }
  }

  /**
   * Starts to open a client of a node, on behalf of a client of this node.
   *
   * @param path of the endpoint, the same on all nodes
   */
  public <L extends MessageListener & EngineClient.Listener> EngineClient dial(
      Place place,
      ForwardedClient client,
      String path,
      EngineClient.Options options,
      EventLoop loop,
      L listener) {
    return EngineClient.dial(connectors.to(place, client, path), options, loop, listener, listener);
  }

  /** Returns the node that issued a sid or a pid, if it is another node that can be reached. */
  public Optional<Place> issuerOf(String secret) {
    return NodeId.of(secret).flatMap(this::other);
  }

  /** Returns where a node is registered, if it is another node that can be reached. */
  public Optional<Place> other(NodeId node) {
    return node.equals(peers.self()) || peers.keys().isEmpty()
        ? Optional.empty()
        : peers
            .find(node)
            .or(() -> lastKnown.find(node))
            .map(member -> new Place(member.start(), member.address()));
  }
}
