package dev.holdfast.simulation;

import dev.holdfast.injection.InjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Throws in short conversations, once in each, and says which do not get over it. */
public final class Inject {
  private static final int RUNS = 100_000;
  private static final int SHOWN = 5;

  private static final String USAGE =
      """
      Throws once in each of many short conversations of simulated nodes. Options:
        --runs N       how many (default: 100000)
        --seed N       the first one (default: decided by the sources)
        --replay SEED  run one, and print what happens
        --mutants      put faults back, and see whether each is found
        --node N       throw in a real node instead, N times
      """;

  private Inject() {}

  /**
   * Exits with 1 if a conversation has failed, and with 2 after arguments that it does not know.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> given = List.of(arguments);
    if (given.equals(List.of("--mutants"))) {
      System.exit(InjectorMutants.areFound() ? 0 : 1);
    }
    Map<String, Long> options = new TreeMap<>();
    for (int i = 0; i + 1 < given.size(); i += 2) {
      options.put(given.get(i), Long.valueOf(given.get(i + 1)));
    }
    boolean known = List.of("--runs", "--seed", "--replay", "--node").containsAll(options.keySet());
    if (given.size() % 2 > 0 || !known) {
      System.out.print(USAGE);
      System.exit(given.contains("--help") ? 0 : 2);
    }
    Long replayed = options.get("--replay");
    if (replayed != null) {
      System.exit(Instrumented.run(List.of("replay", replayed.toString())));
    }
    long seed = options.getOrDefault("--seed", Seeds.of());
    Long inNode = options.get("--node");
    if (inNode != null) {
      System.exit(InjectNode.run(List.of(Long.toString(seed), inNode.toString())));
    }
    long runs = options.getOrDefault("--runs", (long) RUNS);
    System.exit(Instrumented.runAll(seed, runs) > 0 ? 1 : 0);
  }

  /** What runs where entries of boundaries throw, too. */
  static final class Worker {
    private final InternalErrors errors = InternalErrors.listen();
    private final Map<Injector.Place, Integer> thrown = new TreeMap<>();
    private final Map<String, List<Long>> faults = new TreeMap<>();

    /** Arguments: the first seed and how many, or {@code replay} and a seed. */
    public static void main(String[] arguments) {
      Worker worker = new Worker();
      System.exit(
          arguments[0].equals("replay")
              ? worker.replay(Long.parseLong(arguments[1]))
              : worker.run(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1])));
    }

    private int replay(long seed) {
      Trace trace = new Trace(true);
      Outcome outcome = Injection.of(seed, errors, trace).outcome();
      trace.lines().forEach(System.out::println);
      Violation fault = outcome.fault();
      if (fault != null) {
        fault.printStackTrace(System.out);
      }
      return outcome.isFaulty() ? 1 : 0;
    }

    private int run(long first, int runs) {
      for (long seed = first; seed < first + runs; seed++) {
        Injection injection = Injection.of(seed, errors, new Trace(false));
        Injector.Place at = injection.thrownAt();
        if (at != null) {
          thrown.merge(at, 1, Integer::sum);
        }
        if (injection.outcome().isFaulty()) {
          String kind = (at == null ? "nothing thrown" : at) + ": " + injection.outcome().kind();
          faults.computeIfAbsent(kind, key -> new ArrayList<>()).add(seed);
        }
      }
      int failed = faults.values().stream().mapToInt(List::size).sum();
      faults.forEach(
          (kind, seeds) ->
              System.out.printf(
                  "%d x %s, such as %s%n",
                  seeds.size(), kind, seeds.subList(0, Math.min(SHOWN, seeds.size()))));
      System.out.println("thrown: " + thrown);
      System.out.printf("%d passed, %d failed%n", runs - failed, failed);
      return failed > 0 ? 1 : 0;
    }
  }

  /** The workers, and the copy of the boundary that they run. */
  static final class Instrumented {
    private static final Path BOUNDARY = Path.of("time/ErrorBoundary.java");

    private Instrumented() {}

    /** Runs a worker with these arguments; its exit status. */
    static int run(List<String> arguments) throws IOException, InterruptedException {
      return start(arguments, BOUNDARY, UnaryOperator.identity()).inheritIO().start().waitFor();
    }

    /** Runs a worker for each processor; the number of those that failed. */
    static int runAll(long first, long runs) throws IOException, InterruptedException {
      int workers = Runtime.getRuntime().availableProcessors();
      long share = (runs + workers - 1) / workers;
      List<Process> processes = new ArrayList<>();
      for (long from = first; from < first + runs; from += share) {
        long count = Math.min(share, first + runs - from);
        List<String> arguments = List.of(Long.toString(from), Long.toString(count));
        processes.add(start(arguments, BOUNDARY, UnaryOperator.identity()).inheritIO().start());
      }
      int failed = 0;
      for (Process process : processes) {
        failed += process.waitFor() == 0 ? 0 : 1;
      }
      return failed;
    }

    /** A worker with a source changed. */
    static ProcessBuilder start(List<String> arguments, Path source, UnaryOperator<String> change)
        throws IOException {
      Mutation mutation = Mutation.create();
      if (source.equals(BOUNDARY)) {
        mutation.change(BOUNDARY, text -> withEntries(change.apply(text)));
      } else {
        mutation.change(BOUNDARY, Instrumented::withEntries);
        mutation.change(source, change);
      }
      return mutation.java(Worker.class, arguments);
    }

    /** At each entry something may be thrown. */
    static String withEntries(String source) {
      String entered = "dev.holdfast.simulation.Entries.entered();\n";
      String instrumented =
          source
              .replace("      entry.run();", entered + "      entry.run();")
              .replace("      return entry.get();", entered + "      return entry.get();")
              .replace("      entry.accept(target);", entered + "      entry.accept(target);")
              .replace(
                  "      entry.call(target, argument);",
                  entered + "      entry.call(target, argument);");
      if (instrumented.split("Entries", -1).length != 6) {
        throw new IllegalStateException("the entries of ErrorBoundary are others");
      }
      return instrumented;
    }
  }
}
