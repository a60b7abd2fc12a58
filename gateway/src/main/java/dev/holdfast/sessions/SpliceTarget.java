package dev.holdfast.sessions;

import dev.holdfast.engineio.EngineClient;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.NodeNetwork;
import java.time.Duration;

/**
 * The node to splice to, and the client to do it for.
 *
 * @param path of the node's endpoint
 * @param slowTransport how long the client may leave a packet unread
 */
record SpliceTarget(
    NodeNetwork network,
    NodeNetwork.Place place,
    ForwardedClient client,
    String path,
    EngineClient.Options options,
    Duration slowTransport,
    Metrics metrics) {
  /** Connects to the node's Engine.IO endpoint. */
  <L extends MessageListener & EngineClient.Listener> EngineClient dial(
      EventLoop loop, L listener) {
    return network.dial(place, client, path, options, loop, listener);
  }

  /** Returns the limit from the dial to the session's first packet. */
  Duration answerTimeout() {
    return options.handshakeTimeout();
  }
}
