package dev.holdfast.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What was read so far: texts of settings, and what is wrong. Confined to one thread. */
final class Reading {
  private static final Path TOKEN_FILE = Path.of("/run/holdfast/admin-token");

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final List<Path> tokenFiles = new ArrayList<>();
  private String budgets = "";

  /** Takes a text; a later one replaces an earlier one. */
  void take(String key, String text, String source) {
    if (Keys.byName().containsKey(key)) {
      entries.put(key, new Entry(text, source));
    } else {
      problem(key, source, "", Nearest.suggestion(key, Keys.byName().keySet()));
    }
  }

  void problem(String key, String source, String value, String expected) {
    problems.add(new Problem(key, source, value, expected));
  }

  /** Notes a problem with a setting as it was given. */
  void problem(Key<?> key, String expected) {
    Entry entry = entry(key);
    problem(key.name(), entry.source(), key.shown(entry.text()), expected);
  }

  /** Notes a problem with a setting that depends on another one. */
  void require(boolean satisfied, Key<?> key, String expected) {
    if (!satisfied) {
      problem(key, expected);
    }
  }

  /** The value of a setting; its default if what is given is wrong. */
  <T> T value(Key<T> key) {
    try {
      return key.kind().parse(entry(key).text());
    } catch (Rejected e) {
      problem(key, e.expected());
      return key.usual();
    }
  }

  /** Something to tell the operator that does not keep us from starting. */
  void notice(String sentence) {
    notices.add(sentence);
  }

  List<String> notices() {
    return notices;
  }

  /** Adds a place for the admin token, behind those that were added before. */
  void tokenFile(Path file) {
    tokenFiles.add(file);
  }

  /** The places for the admin token, the one that every machine has last. */
  List<Path> tokenFiles() {
    return Stream.concat(tokenFiles.stream(), Stream.of(TOKEN_FILE)).distinct().toList();
  }

  /** What the process has, and what it spends of it. */
  void budgets(String line) {
    budgets = line;
  }

  String budgets() {
    return budgets;
  }

  boolean isGiven(Key<?> key) {
    return entries.containsKey(key.name());
  }

  /** What was read of a setting, else its default. */
  Entry entry(Key<?> key) {
    return entries.getOrDefault(key.name(), new Entry(key.fallback(), "default"));
  }

  List<Problem> problems() {
    return problems;
  }
}
