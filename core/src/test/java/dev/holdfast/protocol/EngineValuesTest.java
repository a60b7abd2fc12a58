package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineValuesTest {

  @Test
  void openPacketHasTheFiveKeys() {
    assertThat(open("n1.Ab_-9", true).encode())
        .isEqualTo(
            "0{\"sid\":\"n1.Ab_-9\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                + "\"pingTimeout\":20000,\"maxPayload\":1000000}");
  }

  @Test
  void openPacketOfAWebSocketOffersNoUpgrade() {
    assertThat(open("a", false).encode()).contains("\"upgrades\":[],");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\"b", "a\\", "a b", "é", "a\n"})
  void openPacketRefusesASessionIdThatNeedsEscapes(String sid) {
    assertThatThrownBy(() -> open(sid, true)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSPORT_UNKNOWN, 400, 0, Transport unknown",
    "SESSION_UNKNOWN, 400, 1, Session ID unknown",
    "BAD_HANDSHAKE_METHOD, 400, 2, Bad handshake method",
    "BAD_REQUEST, 400, 3, Bad request",
    "FORBIDDEN, 403, 4, Forbidden",
    "UNSUPPORTED_VERSION, 400, 5, Unsupported protocol version",
    "UNAVAILABLE, 503, 6, Service unavailable",
  })
  void errorsHaveTheStatusAndBodyOfTheReferenceServer(
      EngineError error, int status, int code, String message) {
    assertThat(error.status()).isEqualTo(status);
    assertThat(error.code()).isEqualTo(code);
    assertThat(error.message()).isEqualTo(message);
    assertThat(error.json()).isEqualTo("{\"code\":" + code + ",\"message\":\"" + message + "\"}");
  }

  private static OpenPacket open(String sid, boolean upgradable) {
    return new OpenPacket(
        sid, upgradable, Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000);
  }
}
