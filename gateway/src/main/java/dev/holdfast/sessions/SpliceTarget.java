package dev.holdfast.sessions;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.NodeLink;
import dev.holdfast.upstream.NodeNetwork;
import java.time.Duration;

/**
 * Where the session lives, and who asks for it.
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
  /** Connects to the Engine.IO endpoint there. */
  NodeLink dial(EventLoop loop, NodeLink.Listener listener) {
    return NodeLink.dial(network, place, client, limits, loop, listener);
  }
}
