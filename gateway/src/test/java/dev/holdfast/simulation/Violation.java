package dev.holdfast.simulation;

/** Something that no conversation may show. */
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final boolean stream;

  Violation(String what) {
    this(what, false);
  }

  private Violation(String what, boolean stream) {
    super(what);
    this.stream = stream;
  }

  Violation(String what, Throwable cause) {
    super(what, cause);
    this.stream = false;
  }

  /** Whether it is about the order and number of an upstream's events. */
  boolean isOfStream() {
    return stream;
  }

  static void unless(boolean holds, String what) {
    if (!holds) {
      throw new Violation(what);
    }
  }

  /** The same about an upstream's events. */
  static void unlessStream(boolean holds, String what) {
    if (!holds) {
      throw new Violation(what, true);
    }
  }
}
