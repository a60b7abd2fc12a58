package dev.holdfast.upstream;

/**
 * One thing that {@code holdfast check} looked at. Immutable.
 *
 * @param detail what was found, for people; without secrets
 */
public record Finding(String name, boolean ok, String detail) {}
