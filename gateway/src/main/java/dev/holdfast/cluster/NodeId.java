package dev.holdfast.cluster;

import dev.holdfast.protocol.NodeName;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The name of a node, {@code [a-z0-9-]{1,32}}. It prefixes the secrets that the node issues,
 * followed by a dot, so that any node can identify the issuer.
 */
public record NodeId(String value) {
  private static final char END = '.';
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int RANDOM_LENGTH = 8;

  /** Rejects invalid names. */
  public NodeId {
    if (!NodeName.isValid(value)) {
      throw new IllegalArgumentException("a node id has the form [a-z0-9-]{1,32}");
    }
  }

  /** Returns a random name, unique in practice. */
  public static NodeId random() {
    SecureRandom random = new SecureRandom();
    return new NodeId(
        random
            .ints(RANDOM_LENGTH, 0, LETTERS.length())
            .mapToObj(place -> LETTERS.substring(place, place + 1))
            .collect(Collectors.joining()));
  }

  /** Returns what every secret that this node issues begins with. */
  public String prefix() {
    return value + END;
  }

  /** Returns the node that issued a secret; empty if the secret is malformed. */
  public static Optional<NodeId> of(String secret) {
    int end = secret.indexOf(END);
    return named(secret.substring(0, Math.max(0, end)));
  }

  /** Returns the node of this name; empty if the name is invalid. */
  public static Optional<NodeId> named(String name) {
    return NodeName.isValid(name) ? Optional.of(new NodeId(name)) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
