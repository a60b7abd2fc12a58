package dev.holdfast.openwebui;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.StageTester;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A page that joins is reported, and nothing else. */
class UserJoinStageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "42[\"user-join\",{}]       | true",
        "420[\"user-join\",{}]      | true",
        "42[ \"\\u0075ser-join\" ] | true",
        "451-[\"user-join\",{}]     | true",
        "42[\"user-jump\"]          | false",
        "430[\"user-join\"]         | false"
      })
  void eventIsReportedAndPasses(String packet, boolean reported) {
    List<String> joined = new ArrayList<>();
    UserJoinStage stage = new UserJoinStage(it -> joined.add(new String(it.bytes(0), UTF_8)));

    assertThat(new StageTester(stage).pass(packet)).isEqualTo(packet);

    assertThat(joined).isEqualTo(reported ? List.of(packet) : List.of());
  }
}
