package dev.holdfast.fuzz;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One parser of bytes that a peer sends. Immutable.
 *
 * @param name for reports and {@code --parser}
 * @param seeds inputs that it accepts
 * @param tokens pieces of its grammar
 * @param parse the call itself; its cost has to grow linearly with the input
 * @param property what holds for every input, and how {@code parse} may fail
 */
public record Parser(
    String name, List<byte[]> seeds, List<byte[]> tokens, Parse parse, Property property) {

  /** Calls the parser; what it declares to throw may come out. */
  @FunctionalInterface
  public interface Parse {
    void of(byte[] input) throws Exception;
  }

  /** Checks the parser's result; anything but a {@link ProtocolException} is a failure. */
  @FunctionalInterface
  public interface Property {
    void check(byte[] input, SplittableRandom random) throws Exception;
  }

  /** A parser with the inputs that it accepts. */
  public static Parser of(String name, Parse parse, Property property, String... seeds) {
    return new Parser(name, bytes(seeds), List.of(), parse, property);
  }

  /** The same with seeds that are no text. */
  public Parser seeds(byte[]... more) {
    List<byte[]> all = Stream.concat(seeds.stream(), Stream.of(more)).toList();
    return new Parser(name, all, tokens, parse, property);
  }

  /** The same with pieces of its grammar. */
  public Parser tokens(String... pieces) {
    return new Parser(name, seeds, bytes(pieces), parse, property);
  }

  private static List<byte[]> bytes(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Checks one input; the same input is always checked alike. */
  void check(byte[] input) throws Exception {
    try {
      property.check(input, new SplittableRandom(Arrays.hashCode(input)));
    } catch (ProtocolException refused) {
      require(refused.getMessage() != null, "a refusal says why");
      require(CloseCode.mayBeSent(refused.closeCode()), "a refusal can be sent");
    }
  }

  /** What must not be refused. */
  @FunctionalInterface
  public interface Accepted<T> {
    T get() throws ProtocolException;
  }

  /** The result of parsing again what was accepted, where a refusal is a failure. */
  public static <T> T again(Accepted<T> accepted) {
    try {
      return accepted.get();
    } catch (ProtocolException refused) {
      throw new AssertionError("refused what was accepted", refused);
    }
  }

  /** Fails unless the condition holds. */
  public static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("does not hold: " + what);
    }
  }

  /** Reads bytes as the message of a client's frame. */
  public static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true);
  }

  /** Text in which each byte is a character, as in HTTP heads. */
  public static String latin(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }

  /** Text in UTF-8. */
  public static String utf8(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return name;
  }
}
