package dev.holdfast.simulation;

/** Something that no conversation may show. */
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;
  private static final long NO_TIME = -1;

  private final long at;

  Violation(String what) {
    super(what);
    this.at = NO_TIME;
  }

  Violation(String what, Throwable cause) {
    super(what, cause);
    this.at = NO_TIME;
  }

  private Violation(String what, long at) {
    super(what);
    this.at = at;
  }

  /** The order or number of an upstream's events is wrong, beginning with one of this time. */
  static Violation ofStream(String what, long at) {
    return new Violation(what, at);
  }

  /** Whether it is about the order and number of an upstream's events. */
  boolean isOfStream() {
    return at != NO_TIME;
  }

  /** When the event was sent that it is about, if it is about one. */
  long at() {
    return at;
  }

  static void unless(boolean holds, String what) {
    if (!holds) {
      throw new Violation(what);
    }
  }
}
