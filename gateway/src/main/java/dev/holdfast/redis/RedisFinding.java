package dev.holdfast.redis;

/**
 * One thing that {@code holdfast check} looked at. Immutable.
 *
 * @param detail what was found, and what to do about it; without secrets
 */
public record RedisFinding(String name, Level level, String detail) {
  /** How good it is. */
  public enum Level {
    /** As it should be, or nobody can know. */
    OK,
    /** It works, but will not for ever. */
    WARN,
    /** Nodes cannot work together like that. */
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
