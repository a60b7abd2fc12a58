package dev.holdfast.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The kinds of values that settings have, addresses apart. */
final class Kinds {
  private static final long LARGEST = Integer.MAX_VALUE;

  private Kinds() {}

  static Kind<Duration> duration(String least, String most) {
    return within("duration", least, most, Quantity::duration).in("s");
  }

  /** In bytes. */
  static Kind<Long> size(String least, String most) {
    return within("size", least, most, Quantity::size);
  }

  /** In bytes, of what is counted by an {@code int}. */
  static Kind<Integer> smallSize(String least, String most) {
    return within("size", least, most, text -> (int) Math.min(LARGEST, Quantity.size(text)));
  }

  static Kind<Integer> count(int least, int most) {
    String form = "must be a whole number, " + least + " to " + most;
    return within(
        "number",
        String.valueOf(least),
        String.valueOf(most),
        text -> {
          Rejected.when(!text.matches("-?[0-9]{1,18}"), form);
          // Beyond an int is beyond the bounds, too.
          return (int) Math.min(LARGEST, Math.max(-1, Long.parseLong(text)));
        });
  }

  private static <T extends Comparable<T>> Kind<T> within(
      String what, String least, String most, Kind.Parser<T> parser) {
    String bounds = least + " to " + most;
    T from = parser.known(least);
    T to = parser.known(most);
    return Kind.of(
        what + ", " + bounds,
        text -> {
          T value = parser.parse(text);
          Rejected.when(value.compareTo(from) < 0 || value.compareTo(to) > 0, "must be " + bounds);
          return value;
        });
  }

  static Kind<Boolean> flag() {
    return Kind.of(
        "`true` or `false`",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new Rejected("must be true or false");
            });
  }

  /** One of a few words. */
  static Kind<String> word(String... words) {
    List<String> all = List.of(words);
    String accepts = String.join(", ", words);
    return Kind.of(
        "`" + String.join("`, `", words) + "`",
        text -> {
          Rejected.when(!all.contains(text), "must be one of " + accepts);
          return text;
        });
  }

  /** One of an enum's constants, written in small letters. */
  static <E extends Enum<E>> Kind<E> constant(Class<E> type) {
    Kind<String> word =
        word(
            Arrays.stream(type.getEnumConstants())
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new));
    return Kind.of(
        word.accepts(), text -> Enum.valueOf(type, word.parse(text).toUpperCase(Locale.ROOT)));
  }

  /** A file that need not be there. */
  static Kind<Path> path() {
    return Kind.of("path of a file", Kinds::path);
  }

  /** A file that can be read. */
  static Kind<Path> file() {
    return Kind.of(
        "path of a file",
        text -> {
          Path path = path(text);
          Rejected.when(!Files.isRegularFile(path), "no such file");
          Rejected.when(!Files.isReadable(path), "the file is not readable for this user");
          return path;
        });
  }

  private static Path path(String text) throws Rejected {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new Rejected("must be the path of a file");
    }
  }

  /** Any text to the letter, blanks included. */
  static Kind<Optional<String>> secret() {
    return Kind.ofSecret("text", Kinds::present);
  }

  /** The text, unless it is empty. */
  static Optional<String> present(String text) {
    return Optional.of(text).filter(it -> !it.isEmpty());
  }

  /** The same with a least length. */
  static Kind<Optional<String>> secret(int least) {
    String atLeast = "at least " + least + " characters";
    return Kind.ofSecret(
        "text of " + atLeast,
        text -> {
          Rejected.when(!text.isEmpty() && text.length() < least, "must have " + atLeast);
          return present(text);
        });
  }

  /** Secrets of a least length, or a word that stands for one. Blanks around them do not count. */
  static Kind<List<String>> secrets(int least, String word) {
    return Kind.ofSecret(
            "text of at least " + least + " characters, or `" + word + "`",
            item -> {
              String text = item.strip();
              Rejected.when(
                  text.length() < least && !text.equals(word),
                  "each must have at least " + least + " characters, or be " + word);
              return text;
            })
        .list(",");
  }

  /** Any text, without the blanks around it. */
  static Kind<Optional<String>> text() {
    return Kind.of("text", Kinds::present);
  }

  /** Text of a form. */
  static Kind<String> matching(String form, String accepts) {
    return matching(form, accepts, accepts.replace("`", ""));
  }

  /** The same, with what is expected in an error. */
  static Kind<String> matching(String form, String accepts, String expected) {
    Pattern pattern = Pattern.compile(form);
    return Kind.of(
        accepts,
        text -> {
          Rejected.when(!pattern.matcher(text).matches(), "must be " + expected);
          return text;
        });
  }

  /** The name of an HTTP header. */
  static Kind<String> header() {
    return matching("[!#$%&'*+.^_`|~0-9A-Za-z-]+", "header names", "names of HTTP headers");
  }
}
