package dev.holdfast.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Checks one parser on many inputs, each made from a seed of its own, up to the first failure. */
final class Fuzzing {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What parsing may allocate, whatever the input says about itself. */
  private static final long ALLOCATED = 256 * 1024;

  private static final long ALLOCATED_PER_BYTE = 512;

  private final Parser parser;
  private final AtomicLong inputs = new AtomicLong();
  private volatile byte[] current = new byte[0];

  Fuzzing(Parser parser) {
    this.parser = parser;
    // What is loaded and initialized at the first time is not counted.
    parser.seeds().forEach(this::failure);
  }

  /**
   * An input that failed.
   *
   * @param hex of the input, as small as it still fails in this way
   */
  record Failure(Parser parser, String hex, Throwable cause) {
    byte[] input() {
      return HexFormat.of().parseHex(hex);
    }
  }

  /** Inputs that have been checked. */
  long inputs() {
    return inputs.get();
  }

  /** The input that is being checked. */
  byte[] current() {
    return current;
  }

  /** Runs inputs of this many seeds. */
  Optional<Failure> run(long firstSeed, long count) {
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      Optional<Failure> failure = check(new Inputs(parser, new SplittableRandom(seed)).next());
      if (failure.isPresent()) {
        return failure;
      }
    }
    return Optional.empty();
  }

  /** Runs the inputs that are known to be at an edge. */
  Optional<Failure> runEdges() {
    return Inputs.edges(parser).stream().map(this::check).flatMap(Optional::stream).findFirst();
  }

  /** Checks one input. */
  Optional<Failure> check(byte[] input) {
    current = input;
    Optional<Throwable> cause = failure(input);
    inputs.incrementAndGet();
    return cause.map(it -> new Failure(parser, HexFormat.of().formatHex(smaller(input, it)), it));
  }

  private Optional<Throwable> failure(byte[] input) {
    try {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Growth.parse(parser, input);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      Parser.require(
          allocated <= ALLOCATED + ALLOCATED_PER_BYTE * input.length,
          "an input of " + input.length + " bytes allocates no " + allocated);
      parser.check(input);
      return Optional.empty();
    } catch (Exception | Error failure) {
      return Optional.of(failure);
    }
  }

  /** Without every part that the failure does not need. */
  private byte[] smaller(byte[] input, Throwable cause) {
    byte[] smallest = input;
    for (int part = Math.max(1, input.length / 2); part > 0; part /= 2) {
      for (int at = 0; at + part <= smallest.length; ) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        rest.write(smallest, 0, at);
        rest.write(smallest, at + part, smallest.length - at - part);
        boolean needed = failure(rest.toByteArray()).filter(it -> isSame(it, cause)).isEmpty();
        if (needed) {
          at += part;
        } else {
          smallest = rest.toByteArray();
        }
      }
    }
    return smallest;
  }

  private static boolean isSame(Throwable one, Throwable other) {
    return one.getClass().equals(other.getClass())
        && Objects.equals(one.getMessage(), other.getMessage());
  }
}
