package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventNameTest {
  private static boolean isUserJoin(String json) {
    return EventName.is(Messages.text("42" + json, 0), 2, "user-join");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"user-join\"]",
        "[\"user-join\",{}]",
        "[ \t\r\n\"user-join\" , {}]",
        "[\"\\u0075ser-join\"]",
        "[\"user\\u002Djoin\"]",
        "[\"user\\u002djoin\"]"
      })
  void nameIsReadThroughBlanksAndEscapes(String json) {
    assertThat(isUserJoin(json)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"user-join2\"]",
        "[\"user-joi\"]",
        "[\"user-joi\\n\"]",
        "[\"User-join\"]",
        "[\"\\u0055ser-join\"]",
        "[\"\\u007\"]",
        "[\"\\u",
        "[\"user-join",
        "[",
        "[7,\"user-join\"]",
        "[[\"user-join\"]]",
        "[]"
      })
  void otherNamesAreOthers(String json) {
    assertThat(isUserJoin(json)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ["user-join"]       | true
          ["user-"            | true
          [ "\\u0075ser-x",1] | true
          ["user"]            | false
          ["usher-"]          | false
          [["user-"]]         | false
          """)
  void nameIsReadUpToAPrefix(String json, boolean begins) {
    assertThat(EventName.begins(Messages.text("42" + json, 0), 2, "user-")).isEqualTo(begins);
  }

  @Test
  void anyCharacterMayBeEscaped() {
    SplittableRandom random = new SplittableRandom(1);
    for (int n = 0; n < 1000; n++) {
      StringBuilder json = new StringBuilder("[\"");
      for (char c : "user-join".toCharArray()) {
        json.append(random.nextBoolean() ? String.format("\\u%04x", (int) c) : c);
      }
      assertThat(isUserJoin(json.append("\"]").toString())).as(json.toString()).isTrue();
    }
  }
}
