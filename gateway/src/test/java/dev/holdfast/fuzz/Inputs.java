package dev.holdfast.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Makes inputs for a parser: its seeds changed, pieces of its grammar put together, any bytes. */
final class Inputs {
  /** A larger input is not changed further. */
  private static final int LIMIT = 4 * 1024;

  /** Times that something equal is there. */
  private static final int MANY = 300;

  /** Numbers at the edges of what programs hold them in. */
  private static final List<byte[]> NUMBERS =
      Stream.of(
              "0",
              "-1",
              "00",
              "+1",
              "127",
              "255",
              "65535",
              "65536",
              "2147483647",
              "2147483648",
              "4294967296",
              "999999999999999",
              "999999999999999999",
              "1000000000000000000",
              "9223372036854775807",
              "9223372036854775808",
              "9999999999999999999",
              "18446744073709551615",
              "18446744073709551616",
              "0".repeat(40) + "1",
              "9".repeat(40),
              "9".repeat(1001),
              "1e400",
              "0x10",
              "ffffffffffffffff")
          .map(text -> text.getBytes(StandardCharsets.US_ASCII))
          .toList();

  private final Parser parser;
  private final SplittableRandom random;

  Inputs(Parser parser, SplittableRandom random) {
    this.parser = parser;
    this.random = random;
  }

  /** Each number of each seed replaced by each at an edge, and each line and token 300 times. */
  static List<byte[]> edges(Parser parser) {
    List<byte[]> edges = new ArrayList<>();
    for (byte[] seed : parser.seeds()) {
      for (int at = 0; at < seed.length; at++) {
        if (isDigit(seed[at]) && (at == 0 || !isDigit(seed[at - 1]))) {
          int end = at;
          while (end < seed.length && isDigit(seed[end])) {
            end++;
          }
          for (byte[] number : NUMBERS) {
            edges.add(replaced(seed, at, end, number));
          }
        }
        int line = at;
        while (line < seed.length && seed[line++] != '\n') {
          // To the end of the line.
        }
        if (at == 0 || seed[at - 1] == '\n') {
          edges.add(replaced(seed, at, at, times(seed, at, line)));
        }
      }
      parser
          .tokens()
          .forEach(
              token ->
                  edges.add(
                      replaced(
                          seed, seed.length / 2, seed.length / 2, times(token, 0, token.length))));
    }
    return edges;
  }

  private static byte[] times(byte[] bytes, int from, int to) {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < MANY; i++) {
      many.write(bytes, from, to - from);
    }
    return many.toByteArray();
  }

  byte[] next() {
    int kind = random.nextInt(16);
    if (kind == 0) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] input = kind < 6 && !parser.tokens().isEmpty() ? fromTokens() : any(parser.seeds());
    for (int changes = random.nextInt(4); changes > 0 && input.length < LIMIT; changes--) {
      input = changed(input);
    }
    return input;
  }

  private byte[] any(List<byte[]> of) {
    return of.get(random.nextInt(of.size()));
  }

  private byte[] fromTokens() {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    for (int left = 1 + random.nextInt(12); left > 0; left--) {
      input.writeBytes(any(parser.tokens()));
    }
    return input.toByteArray();
  }

  private byte[] changed(byte[] input) {
    int from = random.nextInt(input.length + 1);
    int to = from + random.nextInt(Math.min(16, input.length - from) + 1);
    return switch (random.nextInt(8)) {
      case 0 -> replaced(input, from, from, new byte[] {(byte) random.nextInt(256)});
      case 1 -> replaced(input, from, to, new byte[0]);
      case 2 -> withNumber(input, from);
      case 3 -> repeated(input, from, to);
      case 4 -> spliced(input, from);
      case 5 -> flipped(input);
      default ->
          replaced(
              input,
              from,
              random.nextBoolean() ? from : to,
              any(parser.tokens().isEmpty() ? parser.seeds() : parser.tokens()));
    };
  }

  private static byte[] replaced(byte[] input, int from, int to, byte[] by) {
    ByteArrayOutputStream changed = new ByteArrayOutputStream(input.length + by.length);
    changed.write(input, 0, from);
    changed.writeBytes(by);
    changed.write(input, to, input.length - to);
    return changed.toByteArray();
  }

  /** With another number instead of the next one, or put in where there is none. */
  private byte[] withNumber(byte[] input, int at) {
    int from = at;
    while (from < input.length && !isDigit(input[from])) {
      from++;
    }
    int to = from;
    while (to < input.length && isDigit(input[to])) {
      to++;
    }
    return replaced(input, from < to ? from : at, from < to ? to : at, any(NUMBERS));
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** With a part of it, often a line, up to hundreds of times. */
  private byte[] repeated(byte[] input, int from, int to) {
    int begin = from;
    int end = to;
    if (random.nextBoolean()) {
      while (begin > 0 && input[begin - 1] != '\n') {
        begin--;
      }
      end = begin;
      while (end < input.length && input[end++] != '\n') {
        // To the end of the line.
      }
    }
    int most = Math.min(MANY, LIMIT / Math.max(1, end - begin));
    int times = random.nextInt(8) == 0 ? most : random.nextInt(4);
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      part.write(input, begin, end - begin);
    }
    return replaced(input, begin, begin, part.toByteArray());
  }

  private byte[] spliced(byte[] input, int from) {
    byte[] other = any(parser.seeds());
    int at = random.nextInt(other.length + 1);
    byte[] rest = new byte[other.length - at];
    System.arraycopy(other, at, rest, 0, rest.length);
    return replaced(input, from, input.length, rest);
  }

  private byte[] flipped(byte[] input) {
    byte[] flipped = input.clone();
    if (flipped.length > 0) {
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }
}
