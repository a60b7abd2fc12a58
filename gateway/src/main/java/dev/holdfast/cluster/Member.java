package dev.holdfast.cluster;

import java.net.InetSocketAddress;

/**
 * One registered node. Immutable.
 *
 * @param incarnation unique to each start
 * @param address where others reach it, unresolved
 * @param draining whether it takes no new sessions
 * @param sessions number of its sessions
 */
public record Member(
    NodeId id,
    String incarnation,
    InetSocketAddress address,
    String version,
    boolean draining,
    int sessions) {
  /** Returns the incarnation of the node. */
  public Incarnation start() {
    return new Incarnation(id, incarnation);
  }

  /** Formats an address as in a {@code Host} header. */
  public static String hostAndPort(InetSocketAddress where) {
    String host = where.getHostString();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + where.getPort();
  }
}
