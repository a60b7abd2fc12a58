package dev.holdfast.admin;

/**
 * One node, as operators see it. Immutable.
 *
 * @param address where the other nodes reach it; empty while it is not known
 * @param draining whether it takes no new sessions
 * @param sessions how many live there, with those that wait for their client
 * @param parked how many wait for their client
 */
public record NodeView(
    String id, String address, String version, boolean draining, int sessions, int parked) {}
