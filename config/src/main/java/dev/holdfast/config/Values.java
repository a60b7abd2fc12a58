package dev.holdfast.config;

/** Turns texts into values and notes what is wrong with them. Confined to one thread. */
final class Values {
  private final Reading reading;

  Values(Reading reading) {
    this.reading = reading;
  }

  /** The value of a setting; its default if what is given is wrong. */
  <T> T of(Key<T> key) {
    Entry entry = reading.entries().get(key.name());
    if (entry == null) {
      return fallback(key);
    }
    try {
      return key.kind().parse(entry.text());
    } catch (Rejected e) {
      problem(key, entry, e.expected());
      return fallback(key);
    }
  }

  /** Notes a problem with a setting that depends on another one. */
  void require(boolean satisfied, Key<?> key, String expected) {
    if (!satisfied) {
      problem(key, expected);
    }
  }

  /** Notes a problem with a setting as it was given. */
  void problem(Key<?> key, String expected) {
    problem(key, reading.entry(key), expected);
  }

  private void problem(Key<?> key, Entry entry, String expected) {
    reading.problem(key.name(), entry.source(), key.shown(entry.text()), expected);
  }

  private static <T> T fallback(Key<T> key) {
    try {
      return key.kind().parse(key.fallback());
    } catch (Rejected e) {
      throw new IllegalStateException("the default of " + key.name() + " is wrong", e);
    }
  }
}
