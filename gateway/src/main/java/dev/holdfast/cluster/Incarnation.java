package dev.holdfast.cluster;

/**
 * One run of a node, from the start of its process to its end. Immutable.
 *
 * @param start unique to this run; empty for unregistered clients such as a command line
 */
public record Incarnation(NodeId node, String start) {
  @Override
  public String toString() {
    return node + "/" + start;
  }
}
