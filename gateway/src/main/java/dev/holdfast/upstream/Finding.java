package dev.holdfast.upstream;

/**
 * One result of {@code holdfast check}. Immutable.
 *
 * @param detail what was found, in plain text; without secrets
 */
public record Finding(String name, boolean ok, String detail) {}
