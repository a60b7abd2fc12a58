package dev.holdfast.sessions;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.NodeLink;
import dev.holdfast.upstream.NodeNetwork;
import java.time.Duration;

/**
 * The node to splice to, and the client to do it for.
 *
 * @param answerTimeout from the dial to the session's first packet
 * @param slowTransport how long the client may leave a packet unread
 */
record SpliceTarget(
    NodeNetwork network,
    NodeNetwork.Place place,
    Forwarding.Client client,
    NodeLink.Limits limits,
    Duration answerTimeout,
    Duration slowTransport) {
  /** Connects to the node's Engine.IO endpoint. */
  NodeLink dial(EventLoop loop, NodeLink.Listener listener) {
    return NodeLink.dial(network, place, client, limits, loop, listener);
  }
}
