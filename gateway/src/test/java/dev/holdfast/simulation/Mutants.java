package dev.holdfast.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
              "engineio/OwnedSocket.java",
              "listener.acknowledged(Math.max(0, bytes - base));",
              "listener.acknowledged(bytes);",
              1000),
          new Mutant(
              "a PONG is acted on in the middle of its read",
              "engineio/EngineSocket.java",
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
              "            .or(() -> lastKnown.find(node))\n",
              "",
              1130),
          new Mutant(
              "a client that comes back is read though it was to be held back",
              "session/ForwardBuffer.java",
              "    if (blocked) {\n      connection.pauseReads(PauseReason.SLOW_PEER);",
              "    if (blocked && connection == null) {\n      connection.pauseReads(PauseReason.SLOW_PEER);",
              20011200),
          new Mutant(
              "attachments go to a link that has not got their packet",
              "session/ForwardBuffer.java",
              "if (!whole || frame.opcode() != Opcode.BINARY) {",
              "if (true) {",
              30022220),
          new Mutant(
              "a GET whose answer was lost is answered again with what comes behind it",
              "engineio/PollingCarrier.java",
              "return last.isPresent() && last",
              "return last.equals(Optional.of(\"\")) && last",
              2500),
          new Mutant(
              "what a program was sent counts as handled at its first return",
              "session/Replay.java",
              "      return confirmed;",
              "      return log.spool().cursor();",
              50000),
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
    Mutation mutation = Mutation.create();
    mutation.change(
        Path.of(mutant.source()),
        source -> Mutation.replaced(source, mutant.original(), mutant.mutated()));
    Process search =
        mutation
            .java(
                Simulate.class,
                List.of(
                    "--first",
                    "true",
                    "--minutes",
                    MOST_MINUTES,
                    "--seed",
                    Long.toString(mutant.seed()),
                    "--reports",
                    mutation.directory().toString()))
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try (var output = search.inputReader()) {
      output.lines().filter(line -> line.contains(" conversations, ")).forEach(lines::add);
    }
    boolean fault = search.waitFor() == 1 && !lines.isEmpty();
    return fault ? "found after " + lines.get(0).replaceAll(" conversations.*", "") : "";
  }
}
