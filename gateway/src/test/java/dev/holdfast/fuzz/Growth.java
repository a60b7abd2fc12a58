package dev.holdfast.fuzz;

import com.sun.management.ThreadMXBean;
import dev.holdfast.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Looks for inputs whose cost grows faster than their size: the processor time and the memory of 64
 * KiB of the same piece, beside those of 8 KiB. A cost that grows linearly is 8 times as high then,
 * one that grows with the square 64 times.
 */
final class Growth {
  private static final int SMALL = 8 * 1024;
  private static final int LARGE = 64 * 1024;
  private static final long STEEP = 20;

  /** What takes less in all is not worth an attack, whatever its growth. */
  private static final long NEGLIGIBLE_NANOS = 4_000_000;

  private static final long NEGLIGIBLE_BYTES = 2 * 1024 * 1024;

  /** Another process may take the caches in between: the least of so many runs counts. */
  private static final int RUNS = 12;

  private static final int COLD = 5;

  /** A run counts as so long at least, which bounds how many of them there are. */
  private static final long SHORTEST_NANOS = 40_000;

  /** No parser whose cost is linear takes most of a microsecond for a byte, even interpreted. */
  private static final long PLAIN_NANOS = 50_000_000;

  private static final int PLAIN_RUNS = 5;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final List<byte[]> PIECES =
      Stream.of(
              ",",
              ";",
              " ",
              "\"",
              "'",
              "[",
              "]",
              "{",
              "}",
              "(",
              "\\",
              "%",
              ":",
              "0",
              "9",
              "/",
              ".",
              "=",
              "&",
              "-",
              "+",
              "a",
              "?",
              "\t",
              "\r",
              "\n",
              "\r\n",
              "\u001e",
              "\0",
              "é",
              ", ",
              "; ",
              "\\u0061",
              "\\\\",
              "\\\"",
              "%2f",
              "%25",
              "../",
              "/./",
              "a/",
              "[[",
              "[1,",
              "{\"a\":",
              "\"\",",
              "a: b\r\n",
              "a:\r\n",
              "1\r\n",
              "a=b; ",
              "a=",
              "=&",
              "::",
              "1.",
              "a,",
              "-1",
              "aA",
              "ab")
          .map(text -> text.getBytes(StandardCharsets.UTF_8))
          .toList();

  private Growth() {}

  /** Calls the parser; a refusal is a result. */
  static void parse(Parser parser, byte[] input) throws Exception {
    try {
      parser.parse().of(input);
    } catch (ProtocolException refused) {
      // Declared by all.
    }
  }

  /** The first input whose cost grows too fast, in words. */
  static Optional<String> steep(Parser parser) {
    List<byte[]> pieces = Stream.concat(PIECES.stream(), parser.tokens().stream()).toList();
    return steep(parser, Stream.concat(Stream.of(new byte[0]), parser.seeds().stream()), pieces);
  }

  /** The same for single characters and tokens, within one seed. */
  static Optional<String> steepAtAGlance(Parser parser) {
    List<byte[]> pieces =
        Stream.concat(PIECES.stream().filter(piece -> piece.length == 1), parser.tokens().stream())
            .toList();
    return steep(parser, parser.seeds().stream().limit(1), pieces);
  }

  private static Optional<String> steep(Parser parser, Stream<byte[]> seeds, List<byte[]> pieces) {
    return seeds
        .flatMap(seed -> pieces.stream().map(piece -> steep(parser, seed, piece)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> steep(Parser parser, byte[] seed, byte[] piece) {
    String many = "many \"" + Parser.utf8(piece) + "\" within \"" + Parser.utf8(seed) + '"';
    try {
      return isSteep(parser, seed, piece)
          ? Optional.of("does not grow linearly with " + many)
          : Optional.empty();
    } catch (Exception | Error failure) {
      return Optional.of(failure + " with " + many);
    }
  }

  private static boolean isSteep(Parser parser, byte[] seed, byte[] piece) throws Exception {
    byte[] large = filled(seed, piece, LARGE);
    Cost most = cost(parser, large);
    if (most.isNegligible()) {
      return false;
    }
    for (int run = 1; run < PLAIN_RUNS && most.isPlain(); run++) {
      most = most.or(cost(parser, large));
    }
    if (most.isPlain()) {
      return true;
    }
    byte[] small = filled(seed, piece, SMALL);
    Cost least = cost(parser, small);
    // The first runs are those of the interpreter: the small input is compiled like the large one.
    long spent = least.nanos;
    for (int run = 0; run < COLD || spent < most.nanos; run++) {
      Cost again = cost(parser, small);
      spent += Math.max(again.nanos, SHORTEST_NANOS);
      least = least.or(again);
    }
    for (int run = 0; run < RUNS && most.isSteepBeside(least); run++) {
      most = most.or(cost(parser, large));
      least = least.or(cost(parser, small));
    }
    return !most.isNegligible() && most.isSteepBeside(least);
  }

  /** A seed with a piece in its middle, over and over. */
  private static byte[] filled(byte[] seed, byte[] piece, int size) {
    ByteArrayOutputStream input = new ByteArrayOutputStream(size + seed.length + piece.length);
    input.write(seed, 0, seed.length / 2);
    while (input.size() < size) {
      input.writeBytes(piece);
    }
    input.writeBytes(Arrays.copyOfRange(seed, seed.length / 2, seed.length));
    return input.toByteArray();
  }

  private static Cost cost(Parser parser, byte[] input) throws Exception {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long nanos = THREADS.getCurrentThreadCpuTime();
    parse(parser, input);
    return new Cost(
        THREADS.getCurrentThreadCpuTime() - nanos,
        THREADS.getCurrentThreadAllocatedBytes() - bytes);
  }

  private record Cost(long nanos, long bytes) {
    boolean isNegligible() {
      return nanos < NEGLIGIBLE_NANOS && bytes < NEGLIGIBLE_BYTES;
    }

    /** Too much, whatever a smaller input costs, which the compiler may have reached later. */
    boolean isPlain() {
      return nanos > PLAIN_NANOS;
    }

    boolean isSteepBeside(Cost small) {
      return nanos > STEEP * Math.max(small.nanos, NEGLIGIBLE_NANOS / STEEP)
          || bytes > STEEP * Math.max(small.bytes, NEGLIGIBLE_BYTES / STEEP);
    }

    Cost or(Cost other) {
      return new Cost(Math.min(nanos, other.nanos), Math.min(bytes, other.bytes));
    }
  }
}
