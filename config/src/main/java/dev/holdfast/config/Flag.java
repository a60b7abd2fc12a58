package dev.holdfast.config;

/**
 * A setting given on the command line. Immutable.
 *
 * @param option as it was written: {@code --listen} or {@code --set}
 */
public record Flag(String option, String key, String text) {}
