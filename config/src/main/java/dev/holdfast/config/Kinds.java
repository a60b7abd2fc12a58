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
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private Kinds() {}

  static Kind<Duration> duration(String least, String most) {
    String accepts = least + " to " + most;
    Duration from = constant(least, Quantity::duration);
    Duration to = constant(most, Quantity::duration);
    return Kind.of(
        "duration, " + accepts,
        text -> {
          Duration value = Quantity.duration(text);
          if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
            throw new Rejected("must be " + accepts);
          }
          return value;
        });
  }

  /** In bytes. */
  static Kind<Long> size(String least, String most) {
    long from = constant(least, Quantity::size);
    long to = constant(most, Quantity::size);
    String accepts = least + " to " + most;
    return Kind.of("size, " + accepts, text -> within(Quantity.size(text), from, to, accepts));
  }

  /** In bytes, of what is counted by an {@code int}. */
  static Kind<Integer> smallSize(String least, String most) {
    Kind<Long> size = size(least, most);
    return Kind.of(size.accepts(), text -> Math.toIntExact(size.parse(text)));
  }

  static Kind<Integer> count(int least, int most) {
    String accepts = least + " to " + most;
    return Kind.of(
        "number, " + accepts,
        text -> {
          if (!text.matches("-?[0-9]{1,18}")) {
            throw new Rejected("must be a whole number, " + accepts);
          }
          return Math.toIntExact(within(Long.parseLong(text), least, most, accepts));
        });
  }

  private static long within(long value, long from, long to, String accepts) throws Rejected {
    if (value < from || value > to) {
      throw new Rejected("must be " + accepts);
    }
    return value;
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
          if (!all.contains(text)) {
            throw new Rejected("must be one of " + accepts);
          }
          return text;
        });
  }

  /** One of an enum's constants, written in small letters. */
  static <E extends Enum<E>> Kind<E> constant(Class<E> type) {
    String[] words =
        Arrays.stream(type.getEnumConstants())
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .toArray(String[]::new);
    Kind<String> word = word(words);
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
          if (!Files.isRegularFile(path)) {
            throw new Rejected("no such file");
          }
          if (!Files.isReadable(path)) {
            throw new Rejected("the file is not readable for this user");
          }
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
    return Kind.ofSecret("text", text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
  }

  /** The same with a least length. */
  static Kind<Optional<String>> secret(int least) {
    return Kind.ofSecret(
        "text of at least " + least + " characters",
        text -> {
          if (!text.isEmpty() && text.length() < least) {
            throw new Rejected("must have at least " + least + " characters");
          }
          return text.isEmpty() ? Optional.empty() : Optional.of(text);
        });
  }

  /** Secrets of a least length, or a word that stands for one. Blanks around them do not count. */
  static Kind<List<String>> secrets(int least, String word) {
    return Kind.ofSecret(
            "text of at least " + least + " characters, or `" + word + "`",
            item -> {
              String text = item.strip();
              if (text.length() < least && !text.equals(word)) {
                throw new Rejected(
                    "each must have at least " + least + " characters, or be " + word);
              }
              return text;
            })
        .list(",");
  }

  /** Any text, without the blanks around it. */
  static Kind<Optional<String>> text() {
    return Kind.of("text", text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
  }

  /** Text of a form. */
  static Kind<String> matching(String form, String accepts) {
    Pattern pattern = Pattern.compile(form);
    return Kind.of(
        accepts,
        text -> {
          if (!pattern.matcher(text).matches()) {
            throw new Rejected("must be " + accepts.replace("`", ""));
          }
          return text;
        });
  }

  /** The name of an HTTP header. */
  static Kind<String> header() {
    return Kind.of(
        "header names",
        text -> {
          if (!TOKEN.matcher(text).matches()) {
            throw new Rejected("must be names of HTTP headers");
          }
          return text;
        });
  }

  private static <T> T constant(String text, Kind.Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (Rejected e) {
      throw new IllegalStateException(text, e);
    }
  }
}
