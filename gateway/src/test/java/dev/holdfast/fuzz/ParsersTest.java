package dev.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of what {@code bench/run fuzz} does, and that it finds faults which are planted. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ParsersTest {
  private static final int INPUTS = 500;

  /** Makes a name that no other input has. */
  private static final String LONG = "x".repeat(16 * 1024);

  static List<Parser> parsers() {
    return Parsers.all();
  }

  @Test
  void eachHasItsOwnName() {
    assertThat(parsers().stream().map(Parser::name)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void everyInputIsReadOrRefused(Parser parser) {
    assertFine(new Fuzzing(parser).run(1, INPUTS));
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void seedsAreAccepted(Parser parser) {
    for (byte[] seed : parser.seeds()) {
      assertThatCode(() -> parser.parse().of(seed))
          .as(Parser.latin(seed))
          .doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void numbersOfManyDigitsAndHundredsOfEqualPiecesAreReadOrRefused(Parser parser) {
    assertFine(new Fuzzing(parser).runEdges());
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void costGrowsLinearly(Parser parser) {
    assertThat(Growth.steepAtAGlance(parser)).isEmpty();
  }

  /** Jackson keeps the names of fields, if it is let. */
  @Test
  void nothingOfTheInputIsKept() throws Exception {
    long before = used();
    int made = 0;
    for (Parser parser : parsers()) {
      for (byte[] seed : parser.seeds()) {
        for (int i = 0; i < 200 && Parser.latin(seed).contains("{"); i++) {
          String named = Parser.latin(seed).replace("{", "{\"" + made++ + LONG + "\":1,");
          Growth.parse(parser, named.replace(":1,}", ":1}").getBytes(UTF_8));
        }
      }
    }
    assertThat(used() - before).isLessThan(4L * 1024 * 1024);
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void assertFine(Optional<Fuzzing.Failure> failure) {
    failure.ifPresent(
        it -> {
          throw new AssertionError(it.parser() + " " + it.hex(), it.cause());
        });
  }

  @Test
  void numberThatOverflowsIsFound() {
    Parser planted = planted(text -> Long.parseLong("0" + text.replaceAll("[^0-9]", "")));

    Fuzzing.Failure found = new Fuzzing(planted).runEdges().orElseThrow();
    assertThat(Parser.latin(found.input())).matches("[0-9]{19,}");
    assertThat(new Fuzzing(planted).check(found.input())).isPresent();
  }

  @Test
  void parserThatTakesMemoryForWhatIsAnnouncedIsFound() {
    Parser planted =
        planted(
            text -> {
              String digits = text.replaceAll("[^0-9]", "");
              return digits.length() == 5 ? new byte[100 * Integer.parseInt(digits)].length : 0;
            });

    assertThat(new Fuzzing(planted).runEdges()).isPresent();
  }

  @Test
  void costThatGrowsWithTheSquareIsFound() {
    Parser planted =
        planted(
            text -> {
              int steps = 0;
              for (int i = text.indexOf(','); i >= 0; i = text.indexOf(',', i + 1)) {
                for (int behind = i; behind < text.length(); behind += 4) {
                  steps += text.charAt(behind) & 1;
                }
              }
              return steps;
            });

    assertThat(Growth.steepAtAGlance(planted))
        .hasValueSatisfying(it -> assertThat(it).contains("\",\""));
  }

  @Test
  void whatDependsOnThePiecesIsFound() {
    Parser planted =
        Parser.of(
            "planted",
            input -> {},
            (input, random) -> {
              int cut = random.nextInt(input.length + 1);
              String text = Parser.latin(input);
              boolean whole = text.contains("\r\n\r\n");
              boolean pieces =
                  text.substring(0, cut).contains("\r\n\r\n")
                      || text.substring(cut).contains("\r\n\r\n");
              Parser.require(whole == pieces, "the pieces do not matter");
            },
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    assertThat(new Fuzzing(planted).run(1, 1_000)).isPresent();
  }

  private interface Planted {
    long of(String text);
  }

  private static Parser planted(Planted parse) {
    return Parser.of(
            "planted",
            input -> Parser.require(parse.of(Parser.latin(input)) >= 0, "it is not negative"),
            (input, random) -> {},
            "length=12\r\n")
        .tokens("length=", "1", "\r\n", " ");
  }
}
