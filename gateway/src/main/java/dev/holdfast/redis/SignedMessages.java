package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.NodeTrust;
import java.util.List;
import java.util.Optional;

/** Messages between nodes, each preceded by a line with its signature. Thread-safe. */
record SignedMessages(NodeTrust trust) {
  /** Signs a message for one node; empty until the key is known. */
  Optional<String> to(Incarnation node, String message) {
    return trust.sign(node, List.of(message)).map(signature -> signature + "\n" + message);
  }

  /** Signs a message for all nodes; empty until the key is known. */
  Optional<String> toAll(String message) {
    return trust.signForAll(List.of(message)).map(signature -> signature + "\n" + message);
  }

  /** Returns the message if it is validly signed for this node. */
  Optional<String> read(String signed, String channel) {
    int end = Math.max(0, signed.indexOf('\n'));
    String message = signed.substring(Math.min(end + 1, signed.length()));
    return trust.check(signed.substring(0, end), List.of(message), "channel " + channel)
        ? Optional.of(message)
        : Optional.empty();
  }
}
