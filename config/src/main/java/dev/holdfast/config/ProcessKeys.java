package dev.holdfast.config;

import java.time.Duration;

/** The process itself. */
public final class ProcessKeys {
  static final Section KEYS = new Section("The process");

  public static final Key<Duration> DRAIN_TIMEOUT =
      KEYS.key("drain.timeout", Kinds.duration("0s", "1h"), "5m")
          .because(
              "How long a stop may take; keep it below the supervisor's grace period. With other nodes, sessions whose clients are away wait that long for them.");

  /** {@code text} for people, {@code json} for collectors. */
  public enum Format {
    TEXT,
    JSON
  }

  public static final Key<Format> FORMAT =
      KEYS.key("logging.format", Kinds.constant(Format.class), "text")
          .because("`text` for people, `json` for log collectors.");

  public static final Key<String> LEVEL =
      KEYS.key("logging.level", Kinds.word("error", "warn", "info", "debug", "trace"), "info")
          .because("Least severe level that is logged.");

  public static final Key<Boolean> ACCESS =
      KEYS.key("logging.access", Kinds.flag(), "false")
          .because("Whether to log a line for each request and each session.");

  public static final Key<Integer> IO_THREADS =
      KEYS.key(
              "threads.io",
              Kinds.count(1, 1024)
                  .or("cores", Runtime.getRuntime()::availableProcessors, threads -> threads),
              "cores")
          .because(
              "Threads that serve sockets; use fewer than there are cores if the machine is shared.");

  private ProcessKeys() {}
}
