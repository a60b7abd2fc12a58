package dev.holdfast.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns texts into values and collects what is wrong with them. Confined to one thread. */
final class Values {
  private final Map<String, Entry> entries;
  private final List<Problem> problems = new ArrayList<>();

  Values(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** The value of a setting; its default if what is given is wrong. */
  <T> T of(Key<T> key) {
    Entry entry = entries.get(key.name());
    if (entry == null) {
      return fallback(key);
    }
    try {
      return key.kind().parse(entry.text());
    } catch (Rejected e) {
      problems.add(problem(key, entry, e.expected()));
      return fallback(key);
    }
  }

  /** Notes a problem with a setting that depends on another one. */
  void require(boolean satisfied, Key<?> key, String expected) {
    if (!satisfied) {
      Entry entry = entries.getOrDefault(key.name(), new Entry(key.fallback(), "default"));
      problems.add(problem(key, entry, expected));
    }
  }

  List<Problem> problems() {
    return problems;
  }

  private static Problem problem(Key<?> key, Entry entry, String expected) {
    return new Problem(key.name(), entry.source(), key.shown(entry.text()), expected);
  }

  private static <T> T fallback(Key<T> key) {
    try {
      return key.kind().parse(key.fallback());
    } catch (Rejected e) {
      throw new IllegalStateException("the default of " + key.name() + " is wrong", e);
    }
  }
}
