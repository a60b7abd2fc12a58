package dev.holdfast.protocol;

/** The form of a node's name, {@code [a-z0-9-]{1,32}}. */
public final class NodeName {
  private static final int MAX_LENGTH = 32;

  private NodeName() {}

  /** Returns whether a text has this form. */
  public static boolean isValid(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_LENGTH
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }
}
