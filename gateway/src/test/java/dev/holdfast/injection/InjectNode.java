package dev.holdfast.injection;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Runs {@link NodeInjection} where the places throw. */
public final class InjectNode {
  private InjectNode() {}

  /** Runs with these arguments of {@link NodeInjection}; its exit status. */
  public static int run(List<String> arguments) throws IOException, InterruptedException {
    return start(arguments, Path.of("time/ErrorBoundary.java"), UnaryOperator.identity())
        .inheritIO()
        .start()
        .waitFor();
  }

  /** Runs with a source changed. */
  static ProcessBuilder start(List<String> arguments, Path source, UnaryOperator<String> change)
      throws IOException {
    return Instrumentation.java(NodeInjection.class, arguments, source, change);
  }
}
