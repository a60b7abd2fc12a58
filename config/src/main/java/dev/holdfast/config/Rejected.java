package dev.holdfast.config;

/** A text is not a value of its kind; the message says what would be. */
final class Rejected extends Exception {
  private static final long serialVersionUID = 1L;

  /** Rejects what this holds for. */
  static void when(boolean wrong, String expected) throws Rejected {
    if (wrong) {
      throw new Rejected(expected);
    }
  }

  Rejected(String expected) {
    super(expected);
  }

  String expected() {
    return String.valueOf(getMessage());
  }
}
