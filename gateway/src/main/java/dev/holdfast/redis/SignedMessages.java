package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.NodeTrust;
import java.util.List;
import java.util.Optional;

/** Messages between nodes, each behind a line with its signature. Thread-safe. */
record SignedMessages(NodeTrust trust) {
  /** For one node alone; empty until the key is known. */
  Optional<String> to(Incarnation node, String message) {
    return trust.sign(node, List.of(message)).map(signature -> signature + "\n" + message);
  }

  /** For all nodes; empty until the key is known. */
  Optional<String> toAll(String message) {
    return trust.signForAll(List.of(message)).map(signature -> signature + "\n" + message);
  }

  /** The message, if a node has signed it for this one. */
  Optional<String> read(String signed, String channel) {
    int end = Math.max(0, signed.indexOf('\n'));
    String message = signed.substring(Math.min(end + 1, signed.length()));
    return trust.check(signed.substring(0, end), List.of(message), "channel " + channel)
        ? Optional.of(message)
        : Optional.empty();
  }
}
