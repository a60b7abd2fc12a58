package dev.holdfast.cluster;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a node, {@code [a-z0-9-]{1,32}}. It is part of the secrets that the node gives out,
 * in front of a dot, so that any node can tell whose they are.
 */
public record NodeId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,32}");
  private static final char END = '.';

  /** Refuses what is no name of a node. */
  public NodeId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("a node id has the form " + FORM.pattern());
    }
  }

  /** A secret that this node gives out. */
  public String secret(String random) {
    return value + END + random;
  }

  /** The node that gave out a secret; empty if it has not this form. */
  public static Optional<NodeId> of(String secret) {
    int end = secret.indexOf(END);
    String name = secret.substring(0, Math.max(0, end));
    return FORM.matcher(name).matches() ? Optional.of(new NodeId(name)) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
