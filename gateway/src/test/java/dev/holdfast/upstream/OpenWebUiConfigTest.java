package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenWebUiConfigTest {
  private static final JsonMapper JSON = new JsonMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"websocket_heartbeat_interval\":12 | 12",
        "\"websocket_heartbeat_interval\":5 | 5",
        "\"websocket_heartbeat_interval\":90 | 90",
        "\"websocket_heartbeat_interval\":0 | 5",
        "\"websocket_heartbeat_interval\":-3 | 5",
        "\"websocket_heartbeat_interval\":1e9 | 90",
        "\"websocket_heartbeat_interval\":\"12\" | 30",
        "\"websocket_heartbeat_interval\":null | 30",
        "\"auth\":true | 30",
      })
  void intervalIsWhatItSaysWithinOpenWebUisBounds(String feature, int seconds)
      throws JsonProcessingException {
    String answer =
        "{\"status\":true,\"name\":\"Open WebUI\",\"features\":{%s}}".formatted(feature);

    assertThat(OpenWebUiConfig.read(JSON.readTree(answer)).heartbeatInterval())
        .contains(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "7", "\"features\"", "{\"features\":[]}", "null"})
  void answerOfAnotherServerHasNoInterval(String answer) throws JsonProcessingException {
    assertThat(OpenWebUiConfig.read(JSON.readTree(answer)).heartbeatInterval()).isEmpty();
  }
}
