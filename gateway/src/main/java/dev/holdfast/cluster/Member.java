package dev.holdfast.cluster;

import java.net.InetSocketAddress;

/**
 * One node. Immutable.
 *
 * @param incarnation another one each time it is started
 * @param address where others reach it, unresolved
 * @param draining whether it takes no new sessions
 * @param sessions how many live there
 */
public record Member(
    NodeId id,
    String incarnation,
    InetSocketAddress address,
    String version,
    boolean draining,
    int sessions) {
  /** The start of the node that this is about. */
  public Incarnation start() {
    return new Incarnation(id, incarnation);
  }

  /** An address as people and {@code Host} headers write it. */
  public static String hostAndPort(InetSocketAddress where) {
    String host = where.getHostString();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + where.getPort();
  }
}
