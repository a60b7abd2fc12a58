package dev.holdfast.admin;

/**
 * An upstream as one node sees it. Immutable.
 *
 * @param name {@code host:port}
 * @param detail the result of the health checks, in plain text
 * @param drained whether it receives no more sessions
 * @param sessions number of live sessions of this node there
 */
public record UpstreamView(
    String name, String node, String state, String detail, boolean drained, int sessions) {}
