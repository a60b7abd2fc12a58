package dev.holdfast.redis;

/**
 * One result of {@code holdfast check}. Immutable.
 *
 * @param detail what was found, and how to fix it; without secrets
 */
public record RedisFinding(String name, Level level, String detail) {
  /** The severity. */
  public enum Level {
    /** As it should be, or unknown. */
    OK,
    /** Works, but with a risk. */
    WARN,
    /** Nodes cannot cooperate. */
    FAIL
  }

  static RedisFinding ok(String name, String detail) {
    return new RedisFinding(name, Level.OK, detail);
  }

  static RedisFinding warn(String name, String detail) {
    return new RedisFinding(name, Level.WARN, detail);
  }

  static RedisFinding fail(String name, String detail) {
    return new RedisFinding(name, Level.FAIL, detail);
  }
}
