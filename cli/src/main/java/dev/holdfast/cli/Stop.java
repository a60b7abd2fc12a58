package dev.holdfast.cli;

/** What happens when the process is told to stop by SIGTERM or SIGINT. */
final class Stop {
  private Stop() {}

  /**
   * Runs the work and exits with 0, if it succeeds, instead of the signal's code. From now on
   * nothing else decides the exit code.
   */
  static void by(Runnable work) {
    Runnable stop =
        () -> {
          int code = 1;
          try {
            work.run();
            code = 0;
          } finally {
            Log.stop();
            Runtime.getRuntime().halt(code);
          }
        };
    Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
  }
}
