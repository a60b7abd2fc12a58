package dev.holdfast.simulation;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * Puts faults back that Holdfast once had, each into a copy of one source, and lets the simulation
 * find them. A mutant that it does not find is a hole in the simulation.
 */
final class Mutants {
  /** A seed is near what shows its fault until the simulation changes. */
  private static final String MOST_MINUTES = "3";

  /**
   * A fault.
   *
   * @param seed where the search for it begins, not far from the first conversation that has shown
   *     it
   */
  private record Mutant(String fault, String source, String original, String mutated, long seed) {}

  private static final List<Mutant> ALL =
      List.of(
          new Mutant(
              "bytes that the client confirmed to a former owner count for the next one",
              "edge/OwnedSocket.java",
              "receiver.acknowledged(Math.max(0, bytes - base));",
              "receiver.acknowledged(bytes);",
              1000),
          new Mutant(
              "a PONG is acted on in the middle of its read",
              "edge/EngineSocket.java",
              "case OURS -> ponged = true;",
              "case OURS -> java.util.Objects.requireNonNull(owner).acknowledged(pings.confirmed());",
              1290),
          new Mutant(
              "a timer that was cancelled runs when it is queued already",
              "time/CancellableTask.java",
              "    if (task != null) {\n      task = null;\n      removal.run();",
              "    if (task != null) {\n      removal.run();",
              40000200),
          new Mutant(
              "a node that is not registered is taken for gone",
              "upstream/NodeNetwork.java",
              "peers.find(node).or(() -> lastKnown.find(node))",
              "peers.find(node)",
              1130),
          new Mutant(
              "a client that comes back is read though it was to be held back",
              "session/Lane.java",
              "    if (blocked) {\n      hop.pauseReads(PauseReason.SLOW_PEER);",
              "    if (blocked && hop == null) {\n      hop.pauseReads(PauseReason.SLOW_PEER);",
              20011200),
          new Mutant(
              "attachments go to a link that has not got their packet",
              "session/Lane.java",
              "if (!whole || frame.opcode() != Opcode.BINARY) {",
              "if (true) {",
              30018000),
          new Mutant(
              "what is thrown ends nothing",
              "time/ErrorBoundary.java",
              "      end.run();",
              "      LOG.debug(what);",
              1060));

  private Mutants() {}

  /** Looks for all of them; whether each was found. */
  static boolean areFound() throws IOException, InterruptedException {
    int found = 0;
    for (Mutant each : ALL) {
      String last = search(each);
      boolean failed = !last.isEmpty();
      found += failed ? 1 : 0;
      System.out.println(each.fault() + ": " + (failed ? last : "NOT FOUND"));
    }
    System.out.println(found + " passed, " + (ALL.size() - found) + " failed");
    return found == ALL.size();
  }

  /** What the simulation says of a mutant; empty if it finds nothing. */
  private static String search(Mutant mutant) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mutant");
    compile(mutant, directory);
    Process search =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                directory + File.pathSeparator + System.getProperty("java.class.path"),
                Simulate.class.getName(),
                "--first",
                "true",
                "--minutes",
                MOST_MINUTES,
                "--seed",
                Long.toString(mutant.seed()),
                "--reports",
                directory.toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try (var output = search.inputReader()) {
      output.lines().filter(line -> line.contains(" conversations, ")).forEach(lines::add);
    }
    boolean fault = search.waitFor() == 1 && !lines.isEmpty();
    return fault ? "found after " + lines.get(0).replaceAll(" conversations.*", "") : "";
  }

  private static void compile(Mutant mutant, Path directory) throws IOException {
    Path source = Seeds.mainSources().resolve("dev/holdfast").resolve(mutant.source());
    String text = Files.readString(source);
    if (text.split(Pattern.quote(mutant.original()), -1).length != 2) {
      throw new IllegalStateException(
          source + " is not what the mutant changes: " + mutant.original());
    }
    Path mutated = directory.resolve(source.getFileName());
    Files.writeString(mutated, text.replace(mutant.original(), mutant.mutated()));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString(),
                mutated.toString());
    if (status != 0) {
      throw new IllegalStateException("the mutant of " + source + " does not compile");
    }
  }
}
