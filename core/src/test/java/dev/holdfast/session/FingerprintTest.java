package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {
  private static final String DELTA =
      "42[\"events\",{\"chat_id\":\"c%d\",\"message_id\":\"m%d\",\"data\":{\"content\":\"%s\"}}]";

  private static Fingerprint of(String packet) {
    return Fingerprint.of(packet.getBytes(StandardCharsets.UTF_8), 2);
  }

  @Test
  void tokensOfOneMessageAreOneStream() {
    Fingerprint the = of(DELTA.formatted(1, 1, "the"));

    assertThat(of(DELTA.formatted(1, 1, "the"))).isEqualTo(the);
    assertThat(of(DELTA.formatted(1, 1, "a, b")).stream()).isEqualTo(the.stream());
    assertThat(of(DELTA.formatted(1, 1, "cat")).event()).isNotEqualTo(the.event());
    assertThat(of(DELTA.formatted(1, 2, "the")).stream()).isNotEqualTo(the.stream());
    assertThat(of(DELTA.formatted(2, 1, "the")).stream()).isNotEqualTo(the.stream());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "42[\"e\",1]|42[\"e\",2]",
        "42[\"e\",\"a, b\"]|42[\"e\",\"c\"]",
        "42[\"e\",\"a\\\",b\"]|42[\"e\",\"c\"]",
        "42[\"e\"]|42[\"e\"]"
      })
  void lastMemberTellsNoStreamsApart(String one, String other) {
    assertThat(of(one).stream()).isEqualTo(of(other).stream());
  }
}
