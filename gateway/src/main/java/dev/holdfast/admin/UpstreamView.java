package dev.holdfast.admin;

/**
 * One upstream, as one node sees it. Immutable.
 *
 * @param name {@code host:port}
 * @param detail what the health checks have found, for people
 * @param drained whether it gets no more sessions
 * @param sessions those of this node that are there
 */
public record UpstreamView(
    String name, String node, String state, String detail, boolean drained, int sessions) {}
