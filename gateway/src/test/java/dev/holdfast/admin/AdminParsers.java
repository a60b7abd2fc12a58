package dev.holdfast.admin;

import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;

import dev.holdfast.fuzz.Parser;
import java.util.List;

/** What other nodes answer. */
public final class AdminParsers {
  private AdminParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(
        Parser.of(
                "node-answer",
                input -> Fleet.rows(utf8(input), UpstreamView[].class),
                (input, random) ->
                    Fleet.rows(utf8(input), UpstreamView[].class)
                        .ifPresent(rows -> require(rows.size() <= input.length, "they were there")),
                "[{\"name\":\"a:80\",\"node\":\"n\",\"state\":\"healthy\",\"sessions\":3}]",
                "[]")
            .tokens("[", "]", "{", "}", "null", ",", "\"name\":", "\"a\"", "1", "\"sessions\":"));
  }
}
