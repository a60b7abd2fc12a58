package dev.holdfast.config;

/**
 * The text of one setting. Immutable.
 *
 * @param source where it stands
 */
record Entry(String text, String source) {}
