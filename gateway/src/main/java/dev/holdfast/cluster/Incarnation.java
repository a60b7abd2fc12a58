package dev.holdfast.cluster;

/**
 * A node, from one start of its process to the end. Immutable.
 *
 * @param start unlike that of any other start; empty for somebody who is not registered, such as a
 *     command line
 */
public record Incarnation(NodeId node, String start) {
  @Override
  public String toString() {
    return node + "/" + start;
  }
}
