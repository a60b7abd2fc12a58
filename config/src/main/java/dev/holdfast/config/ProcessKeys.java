package dev.holdfast.config;

import dev.holdfast.config.Settings.Logging.Format;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The process itself. */
final class ProcessKeys {
  static final Key<Duration> DRAIN_TIMEOUT =
      new Key<>(
          "drain.timeout",
          Kinds.duration("0s", "1h"),
          "5m",
          "How long a stop may take; shorter than the grace period of what stops the process."
              + " With other nodes, sessions whose clients are away wait for them that long.");

  static final Key<Format> FORMAT =
      new Key<>(
          "logging.format",
          Kinds.constant(Format.class),
          "text",
          "`text` for people, `json` for log collectors.");

  static final Key<String> LEVEL =
      new Key<>(
          "logging.level",
          Kinds.word("error", "warn", "info", "debug", "trace"),
          "info",
          "How much is logged.");

  static final Key<Boolean> ACCESS =
      new Key<>(
          "logging.access", Kinds.flag(), "false", "A line for each request and each session.");

  static final Key<Optional<Integer>> IO_THREADS =
      new Key<>(
          "threads.io",
          Kinds.count(1, 1024).or("cores"),
          "cores",
          "Threads that serve sockets; fewer than the cores if the machine is shared.");

  private ProcessKeys() {}

  static List<Key<?>> all() {
    return List.of(DRAIN_TIMEOUT, FORMAT, LEVEL, ACCESS, IO_THREADS);
  }
}
