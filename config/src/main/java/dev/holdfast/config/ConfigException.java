package dev.holdfast.config;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used; all that is wrong with them, one line each. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** Problems in the order in which the settings are listed. */
  public ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
