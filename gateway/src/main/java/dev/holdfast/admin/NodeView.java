package dev.holdfast.admin;

/**
 * A node as shown to operators. Immutable.
 *
 * @param address where the other nodes reach it; empty while unknown
 * @param draining whether it takes no new sessions
 * @param sessions number of its sessions, including parked ones
 * @param parked number of sessions that wait for their client
 */
public record NodeView(
    String id, String address, String version, boolean draining, int sessions, int parked) {}
