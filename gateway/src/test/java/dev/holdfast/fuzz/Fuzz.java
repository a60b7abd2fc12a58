package dev.holdfast.fuzz;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs every parser of a peer's bytes on millions of inputs. */
public final class Fuzz {
  private static final Set<String> OPTIONS = Set.of("--inputs", "--seed", "--parser", "--input");

  private static final String USAGE =
      """
      Runs every parser of a peer's bytes on inputs near and far from what it expects,
      and looks whether its cost grows linearly. Each option takes a value:
        --inputs N      how many, all parsers together (default: 10000000)
        --seed N        of the first input (default: 1)
        --parser NAME   this one only
        --input HEX     this input only; needs --parser
      """;

  /** No input takes as long. */
  private static final Duration STUCK = Duration.ofSeconds(20);

  private final List<Parser> parsers;
  private int passed;
  private int failed;

  private Fuzz(List<Parser> parsers) {
    this.parsers = parsers;
  }

  /** Exits with 1 if a check has failed, and with 2 after arguments that it does not know. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    String name = options.get("--parser");
    List<Parser> parsers =
        Parsers.all().stream().filter(it -> name == null || it.name().equals(name)).toList();
    boolean known = arguments.length % 2 == 0 && OPTIONS.containsAll(options.keySet());
    if (!known || parsers.isEmpty() || (options.containsKey("--input") && name == null)) {
      System.out.print(USAGE);
      System.out.println("parsers: " + Parsers.all());
      System.exit(List.of(arguments).contains("--help") ? 0 : 2);
    }
    Fuzz fuzz = new Fuzz(parsers);
    if (options.containsKey("--input")) {
      byte[] input = HexFormat.of().parseHex(options.get("--input"));
      fuzz.count(new Fuzzing(parsers.get(0)).check(input));
    } else {
      fuzz.run(
          Long.parseLong(options.getOrDefault("--seed", "1")),
          Long.parseLong(options.getOrDefault("--inputs", "10000000")));
    }
    System.out.printf("%d passed, %d failed%n", fuzz.passed, fuzz.failed);
    System.exit(fuzz.failed > 0 ? 1 : 0);
  }

  private void run(long seed, long inputs) throws Exception {
    long share = Math.max(1, inputs / parsers.size());
    long all = 0;
    long begin = System.nanoTime();
    for (Parser parser : parsers) {
      Fuzzing fuzzing = new Fuzzing(parser);
      CountDownLatch done = watch(parser, fuzzing);
      long from = System.nanoTime();
      Optional<Fuzzing.Failure> failure = fuzzing.runEdges().or(() -> fuzzing.run(seed, share));
      double seconds = (System.nanoTime() - from) / 1e9;
      done.countDown();
      all += fuzzing.inputs();
      System.out.printf(
          "%-20s %,10d inputs, %,9.0f a second%n",
          parser.name(), fuzzing.inputs(), fuzzing.inputs() / seconds);
      count(failure);
      Optional<String> steep = Growth.steep(parser);
      steep.ifPresent(it -> System.out.println("  its cost: " + it));
      count(steep.isEmpty());
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf("%,d inputs in %.0f s, costs included%n", all, seconds);
  }

  private void count(boolean good) {
    passed += good ? 1 : 0;
    failed += good ? 0 : 1;
  }

  private void count(Optional<Fuzzing.Failure> failure) {
    count(failure.isEmpty());
    failure.ifPresent(
        it -> {
          it.cause().printStackTrace(System.out);
          System.out.println("  " + replay(it.parser(), it.hex()));
        });
  }

  private static String replay(Parser parser, String hex) {
    return "bench/run fuzz --parser %s --input %s".formatted(parser.name(), hex);
  }

  /** Ends the process when an input takes for ever, until the latch is counted down. */
  private static CountDownLatch watch(Parser parser, Fuzzing fuzzing) {
    CountDownLatch done = new CountDownLatch(1);
    Thread watch =
        new Thread(
            () -> {
              try {
                long before = -1;
                while (before != fuzzing.inputs()) {
                  before = fuzzing.inputs();
                  if (done.await(STUCK.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                  }
                }
                System.out.println("  an input takes over " + STUCK.toSeconds() + " s");
                System.out.println(
                    "  " + replay(parser, HexFormat.of().formatHex(fuzzing.current())));
                System.out.println("0 passed, 1 failed");
                Runtime.getRuntime().halt(1);
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts it", e);
              }
            });
    watch.setDaemon(true);
    watch.start();
    return done;
  }
}
