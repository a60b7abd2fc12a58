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
  @CsvSource({
    "0.12.4, true",
    "0.8.0, true",
    "1.0, true",
    "0.7.2, false",
    "0.6.43, false",
    "dev, false",
    "'', false",
  })
  void documentsAreKnownSinceTheFirstVersionThatWasTried(String version, boolean known)
      throws JsonProcessingException {
    String answer = "{\"version\":\"%s\",\"features\":{}}".formatted(version);

    assertThat(OpenWebUiConfig.read(JSON.readTree(answer)).knowsDocuments()).isEqualTo(known);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "7", "\"features\"", "{\"features\":[]}", "null"})
  void answerOfAnotherServerHasNoInterval(String answer) throws JsonProcessingException {
    assertThat(OpenWebUiConfig.read(JSON.readTree(answer)).heartbeatInterval()).isEmpty();
  }
}
