package dev.holdfast.openwebui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.openwebui.BackendConfig.WebSocket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendConfigTest {
  private static BackendConfig read(String body) {
    return BackendConfig.of(body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"features\":{\"enable_websocket\":true}}",
        "{ \"features\" : {\n \"enable_websocket\" :  true ,\"a\":1}}\n",
        "{\"a\":{\"enable_websocket\":true},\"features\":{\"b\":{\"enable_websocket\":true},\"c\":[true],"
            + "\"enable_websocket\":true,\"enable_signup\":true},\"name\":\"J\u00fcrgens \\\"enable_websocket\\\":true\"}",
        "{\"f\\u0065atures\":{\"enable_websocket\":true}}",
      })
  void onlyTheFieldOfTheFeaturesChanges(String body) {
    BackendConfig config = read(body);

    assertThat(config.webSocket()).isEqualTo(WebSocket.ON);
    String changed = new String(config.withoutWebSocket(), StandardCharsets.UTF_8);
    int at = firstDifference(body, changed);
    assertThat(changed).isEqualTo(body.substring(0, at) + "false" + body.substring(at + 4));
    assertThat(read(changed).webSocket()).isEqualTo(WebSocket.OFF);
  }

  private static int firstDifference(String one, String other) {
    int at = 0;
    while (one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return at;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<!doctype html>",
        "true",
        "{}",
        "{\"features\":true}",
        "{\"features\":[{\"enable_websocket\":true}]}",
        "{\"features\":{\"enable_websocket\":\"true\"}}",
        "{\"features\":{\"enable_websocket\":1}}",
        "{\"features\":{\"enable_websocket\":{\"a\":true}}}",
        "{\"features\":{\"enable_websockets\":true}}",
        "{\"enable_websocket\":true}",
        "{\"a\":{\"features\":{\"enable_websocket\":true}}}",
        "[{\"features\":{\"enable_websocket\":true}}]",
        "{\"features\":{\"enable_websocket\":true}",
        "\"a\" {\"features\":{\"enable_websocket\":true}}",
        "1 {\"features\":{\"enable_websocket\":true}}",
        "{\"features\":{\"enable_websocket\":true}} 1",
        "{\"features\":{\"enable_websocket\":true}} {}",
        "{\"features\":{\"enable_websocket\":true}} x",
        "{\"features\":{\"enable_websocket\":true,\"enable_websocket\":true}}",
        "{\"features\":{\"enable_websocket\":true},\"features\":{\"enable_websocket\":true}}",
      })
  void whatDoesNotLookAsExpectedIsLeftAlone(String body) {
    BackendConfig config = read(body);

    assertThat(config.webSocket()).isEqualTo(WebSocket.UNKNOWN);
    assertThatThrownBy(config::withoutWebSocket).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-32BE"})
  void otherEncodingsAreLeftAlone(String charset) {
    byte[] body = "{\"features\":{\"enable_websocket\":true}}".getBytes(Charset.forName(charset));

    assertThat(BackendConfig.of(body).webSocket()).isEqualTo(WebSocket.UNKNOWN);
  }

  @Test
  void falseStays() {
    assertThat(read("{\"features\":{\"enable_websocket\":false}}").webSocket())
        .isEqualTo(WebSocket.OFF);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/api/config,true",
    "GET,/api/config?a=b,true",
    "HEAD,/api/config,false",
    "POST,/api/config,false",
    "GET,/api/configs,false",
    "GET,/api/config/,false",
    "GET,/api,false",
    "GET,/x/api/config,false",
  })
  void onlyTheGetOfItsPathAsksForIt(String method, String target, boolean asks) {
    assertThat(BackendConfig.isAskedBy(method, target)).isEqualTo(asks);
  }
}
