package dev.holdfast.config;

/**
 * One thing an operator has to change. Immutable.
 *
 * @param key the setting, or the name that is not one
 * @param source where the value stands: a flag, a variable, a line of the file
 * @param value as given; secrets masked; empty if the key itself is the problem
 * @param expected what would be accepted, or what is wrong
 */
public record Problem(String key, String source, String value, String expected) {
  @Override
  public String toString() {
    String given = value.isEmpty() ? "" : " = " + value;
    return key + given + " (" + source + "): " + expected;
  }
}
