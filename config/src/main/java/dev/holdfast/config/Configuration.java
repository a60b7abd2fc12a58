package dev.holdfast.config;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of a process and where each came from: flag before environment before file before
 * default. Immutable.
 *
 * @param values every setting in the documented order
 * @param notices sentences for the operator that do not keep the process from starting
 * @param budgets what the process has, and what it spends of it, in one line; empty if it is
 *     another one
 */
public record Configuration(
    Settings settings, List<Effective> values, List<String> notices, String budgets) {
  /**
   * One setting as it is in effect.
   *
   * @param text as given; a secret masked
   * @param source where it stands; {@code default} if nowhere
   * @param masked whether the text is not the one that was given
   */
  public record Effective(String key, String text, String source, boolean masked) {}

  /**
   * Reads all sources, for a process that is not this one.
   *
   * @param file the settings file; if none, the one that {@code HOLDFAST_CONFIG} names
   * @throws ConfigException with all that is wrong
   */
  public static Configuration load(
      List<Flag> flags, Map<String, String> environment, Optional<Path> file) {
    return load(flags, environment, file, Optional.empty());
  }

  /**
   * Reads all sources.
   *
   * @param file the settings file; if none, the one that {@code HOLDFAST_CONFIG} names
   * @param capacity what this process has to spend, if it is to run with these settings
   * @throws ConfigException with all that is wrong
   */
  public static Configuration load(
      List<Flag> flags,
      Map<String, String> environment,
      Optional<Path> file,
      Optional<Capacity> capacity) {
    Reading reading = new Reading();
    file.or(() -> fileOf(environment)).ifPresent(path -> SettingsFile.read(path, reading));
    Environment.read(environment, reading);
    flags(flags, reading);
    Settings settings = Assembly.settings(reading, capacity);
    List<Effective> values = Keys.all().stream().map(key -> effective(key, reading)).toList();
    return new Configuration(settings, values, List.copyOf(reading.notices()), reading.budgets());
  }

  private static Optional<Path> fileOf(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(Environment.CONFIG))
        .filter(name -> !name.isEmpty())
        .map(Path::of);
  }

  private static void flags(List<Flag> flags, Reading reading) {
    Set<String> seen = new HashSet<>();
    for (Flag flag : flags) {
      if (seen.add(flag.key())) {
        reading.take(flag.key(), flag.text(), flag.option());
        warnOfSecret(flag, reading);
      } else {
        reading.problem(flag.key(), flag.option(), "", "is given more than once");
      }
    }
  }

  private static void warnOfSecret(Flag flag, Reading reading) {
    Key<?> key = Keys.byName().get(flag.key());
    if (key != null && key.secret()) {
      reading.notice(
          "%s holds a secret, and every user of this machine sees it in the list of processes: give it in the file that %s_FILE names"
              .formatted(flag.key(), key.variable()));
    }
  }

  private static Effective effective(Key<?> key, Reading reading) {
    Entry entry = reading.entry(key);
    String shown = key.shown(entry.text());
    return new Effective(key.name(), shown, entry.source(), !shown.equals(entry.text()));
  }
}
