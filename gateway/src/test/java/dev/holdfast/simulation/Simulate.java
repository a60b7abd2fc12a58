package dev.holdfast.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Runs conversations for some minutes, and writes down what fails, as short as it still fails. */
public final class Simulate {
  private static final long NANOS_A_MINUTE = Duration.ofMinutes(1).toNanos();

  private static final Set<String> OPTIONS =
      Set.of("--minutes", "--seed", "--first", "--reports", "--replay", "--mutants");

  private static final String USAGE =
      """
      Runs random conversations of simulated nodes. Each option takes a value:
        --minutes N          how long (default: 1)
        --seed N             the first conversation (default: decided by the sources)
        --first true         stop at the first one that fails
        --reports DIRECTORY  for files that replay those that fail (default: target/simulation)
        --replay FILE        run one of these files, and print what happens
        --mutants true       put faults back, and see whether each is found
      """;

  private final InternalErrors errors = InternalErrors.listen();
  private final Map<String, Integer> faults = new TreeMap<>();
  private final Path reports;
  private int conversations;
  private int excused;

  private Simulate(Path reports) {
    this.reports = reports;
  }

  /**
   * Exits with 1 if a conversation has failed, and with 2 after arguments that it does not know.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    if (arguments.length % 2 > 0 || !OPTIONS.containsAll(options.keySet())) {
      System.out.print(USAGE);
      System.exit(List.of(arguments).contains("--help") ? 0 : 2);
    }
    if (options.containsKey("--mutants")) {
      System.exit(Mutants.areFound() ? 0 : 1);
    }
    Simulate simulate =
        new Simulate(Path.of(options.getOrDefault("--reports", "target/simulation")));
    String replay = options.get("--replay");
    if (replay == null) {
      simulate.run(options);
    } else {
      simulate.replay(Path.of(replay));
    }
    System.exit(simulate.failed() > 0 ? 1 : 0);
  }

  private void run(Map<String, String> options) throws IOException {
    long seed = options.containsKey("--seed") ? Long.parseLong(options.get("--seed")) : Seeds.of();
    double minutes = Double.parseDouble(options.getOrDefault("--minutes", "1"));
    boolean untilFirst = Boolean.parseBoolean(options.getOrDefault("--first", "false"));
    long end = System.nanoTime() + (long) (minutes * NANOS_A_MINUTE);
    while (System.nanoTime() < end && !(untilFirst && !faults.isEmpty())) {
      explore(seed++);
    }
    System.out.printf(
        "%d conversations, %d failed, %d excused: the links of a session that moved were too far"
            + " apart%n",
        conversations, failed(), excused);
    faults.forEach((kind, count) -> System.out.println(count + " x " + kind));
    System.out.printf("%d passed, %d failed%n", conversations - failed(), failed());
  }

  private int failed() {
    return faults.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void explore(long seed) throws IOException {
    List<Step> steps = Outcome.steps(seed);
    Outcome outcome = Outcome.of(seed, steps, errors, new Trace(false));
    conversations++;
    excused += outcome.fault() != null && outcome.excused() ? 1 : 0;
    if (outcome.isFaulty()) {
      boolean first = faults.merge(outcome.kind(), 1, Integer::sum) == 1;
      String where = first ? ", replayed by " + report(seed, steps, outcome.kind()) : "";
      System.out.println("seed " + seed + ": " + outcome.kind() + where);
    }
  }

  /** Writes down a conversation that fails in this way, with as few steps as do. */
  private Path report(long seed, List<Step> steps, String kind) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# " + kind);
    lines.add(String.valueOf(seed));
    Shrinking.of(steps, fewer -> fails(seed, fewer, kind))
        .forEach(step -> lines.add(step.toString()));
    Files.createDirectories(reports);
    return Files.write(reports.resolve("seed-" + seed + ".txt"), lines);
  }

  private boolean fails(long seed, List<Step> steps, String kind) {
    return Outcome.of(seed, steps, errors, new Trace(false)).kind().equals(kind);
  }

  private void replay(Path file) throws IOException {
    List<String> lines =
        Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList();
    List<Step> steps = lines.stream().skip(1).map(Step::parse).toList();
    Trace trace = new Trace(true);
    Outcome outcome = Outcome.of(Long.parseLong(lines.get(0)), steps, errors, trace);
    trace.lines().forEach(System.out::println);
    if (outcome.fault() != null) {
      outcome.fault().printStackTrace(System.out);
      faults.put(outcome.kind(), 1);
    }
  }
}
