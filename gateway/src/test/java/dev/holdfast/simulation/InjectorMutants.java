package dev.holdfast.simulation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Puts faults into copies of sources, and lets the injector find them. */
final class InjectorMutants {
  private static final String RUNS = "3000";

  private record Mutant(String fault, String source, String original, String mutated) {}

  private static final List<Mutant> ALL =
      List.of(
          new Mutant(
              "what is thrown ends nothing",
              "time/ErrorBoundary.java",
              "      end.run();",
              "      LOG.debug(what);"),
          new Mutant(
              "a buffer that cannot be had stays taken",
              "memory/BufferPool.java",
              "      if (block == null) {\n        taken.addAndGet(-size);",
              "      if (block == null) {\n        taken.addAndGet(0);"),
          new Mutant(
              "what a session's transport throws is kept from the session",
              "engineio/EngineSocket.java",
              "new ErrorBoundary(\"a transport\", () -> fail(CloseReason.INTERNAL));",
              "new ErrorBoundary(\"a transport\", () -> {});"));

  private InjectorMutants() {}

  /** Looks for all of them; whether each was found. */
  static boolean areFound() throws IOException, InterruptedException {
    int found = 0;
    for (Mutant each : ALL) {
      boolean failed = isFound(each);
      found += failed ? 1 : 0;
      System.out.println(each.fault() + ": " + (failed ? "found" : "NOT FOUND"));
    }
    System.out.println(found + " passed, " + (ALL.size() - found) + " failed");
    return found == ALL.size();
  }

  private static boolean isFound(Mutant mutant) throws IOException, InterruptedException {
    Process worker =
        Inject.Instrumented.start(
                List.of("1", RUNS),
                Path.of(mutant.source()),
                source -> Mutation.replaced(source, mutant.original(), mutant.mutated()))
            .redirectErrorStream(true)
            .start();
    String said = new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return worker.waitFor() == 1 && said.contains(" passed, ");
  }
}
