package dev.holdfast.cli;

/** Handles SIGTERM and SIGINT. */
final class Stop {
  private Stop() {}

  /**
   * Runs the work on shutdown, and exits with 0 instead of the signal's code if it succeeds. From
   * then on nothing else decides the exit code.
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
