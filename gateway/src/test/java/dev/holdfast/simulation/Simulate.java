package dev.holdfast.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Runs conversations for some minutes. */
public final class Simulate {
  private Simulate() {}

  /** {@code --minutes N}, {@code --seed N}. */
  public static void main(String[] arguments) {
    long seed = 1;
    double minutes = 1;
    boolean trace = false;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      switch (arguments[i]) {
        case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
        case "--minutes" -> minutes = Double.parseDouble(arguments[i + 1]);
        case "--trace" -> trace = Boolean.parseBoolean(arguments[i + 1]);
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    long end = System.nanoTime() + (long) (minutes * Duration.ofMinutes(1).toNanos());
    Map<String, Integer> found = new TreeMap<>();
    Map<String, Long> first = new TreeMap<>();
    InternalErrors errors = InternalErrors.listen();
    int done = 0;
    while (System.nanoTime() < end) {
      Trace kept = new Trace(trace);
      String fault = fault(seed, kept, errors);
      done++;
      if (!fault.isEmpty()) {
        found.merge(fault, 1, Integer::sum);
        first.putIfAbsent(fault, seed);
      }
      if (trace) {
        kept.lines().forEach(System.out::println);
        break;
      }
      seed++;
    }
    System.out.println(done + " conversations");
    found.forEach(
        (fault, count) -> System.out.println(count + " x (" + first.get(fault) + ") " + fault));
  }

  private static String fault(long seed, Trace trace, InternalErrors errors) {
    double unsure = SimulatedNode.unsureMoves();
    try {
      SplittableRandom random = new SplittableRandom(seed);
      List<Step> steps = Step.random(random, 30);
      new Conversation(random.nextLong(), trace, errors).run(steps);
      return "";
    } catch (Violation e) {
      if (trace.isKept()) {
        e.printStackTrace(System.out);
      }
      String excuse = SimulatedNode.unsureMoves() > unsure ? "excused, a move was unsure: " : "";
      return excuse + String.valueOf(e.getMessage()).replaceAll("[0-9]+", "N");
    } catch (RuntimeException | StackOverflowError e) {
      e.printStackTrace(System.out);
      return seed + " " + e;
    }
  }
}
