package dev.holdfast.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How the text of a setting becomes its value. Immutable.
 *
 * @param accepts the texts that are accepted, for people
 * @param unit of a number without one in Open WebUI's variables; empty if it has none there either
 * @param separator between the items of a list in one text; empty for a single value
 * @param secret whether its texts are or hold secrets: they are never shown
 */
record Kind<T>(String accepts, String unit, String separator, boolean secret, Parser<T> parser) {
  /** Stands in place of a secret. */
  static final String MASK = "********";

  /** Reads a text, or says what it should have been. */
  interface Parser<T> {
    T parse(String text) throws Rejected;

    /** Parses a text that is known to be valid, such as a default. */
    default T known(String text) {
      try {
        return parse(text);
      } catch (Rejected e) {
        throw new IllegalStateException(text, e);
      }
    }
  }

  /** Blanks around a text do not count. */
  static <T> Kind<T> of(String accepts, Parser<T> parser) {
    return new Kind<>(accepts, "", "", false, text -> parser.parse(text.strip()));
  }

  T parse(String text) throws Rejected {
    return parser.parse(text);
  }

  /** The same for texts that are or hold secrets, to the letter. */
  static <T> Kind<T> ofSecret(String accepts, Parser<T> parser) {
    Parser<T> unmasked =
        text -> {
          Rejected.when(
              text.strip().equals(MASK),
              "is what is shown in place of a secret; give the secret itself");
          return parser.parse(text);
        };
    return new Kind<>(accepts, "", "", true, unmasked);
  }

  private <U> Kind<U> as(String form, Parser<U> other) {
    return new Kind<>(form, unit, separator, secret, other);
  }

  Kind<T> in(String bareUnit) {
    return new Kind<>(accepts, bareUnit, separator, secret, parser);
  }

  /** The value, or nothing for the word that says so and for an empty text. */
  Kind<Optional<T>> or(String word) {
    return or(word, Optional::empty, Optional::of);
  }

  /** The same with what the word stands for. */
  <U> Kind<U> or(String word, Supplier<U> none, Function<T, U> some) {
    return as(
        accepts + ", or `" + word + "`",
        text -> text.isBlank() || text.strip().equals(word) ? none.get() : some.apply(parse(text)));
  }

  /** Any number of values. */
  Kind<List<T>> list(String by) {
    Parser<List<T>> items =
        text -> {
          List<T> values = new ArrayList<>();
          for (String item : text.split(by, -1)) {
            if (!item.isBlank()) {
              values.add(parse(item));
            }
          }
          return List.copyOf(values);
        };
    return new Kind<>(
        "list of " + accepts + ", separated by `" + by + "`", unit, by, secret, items);
  }

  /** At least one value, none twice. */
  static <T> Kind<List<T>> distinct(Kind<List<T>> list) {
    return list.as(
        list.accepts,
        text -> {
          List<T> values = list.parse(text);
          Rejected.when(values.isEmpty(), "at least one is needed");
          Rejected.when(
              values.stream().distinct().count() < values.size(), "each may be given once");
          return values;
        });
  }
}
