package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.WebSocketClosed;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectWebSocketListenerTest {
  @ParameterizedTest
  @CsvSource({
    "PEER, 1000, CLIENT_LOST",
    "PEER, 1001, CLIENT_LEFT",
    "BROKEN, 1006, CLIENT_LOST",
    "PROTOCOL, 1002, PROTOCOL_ERROR",
    "TOO_BIG, 1009, MESSAGE_TOO_BIG",
    "NO_MEMORY, 1013, NO_BUFFERS",
    "INTERNAL, 1011, INTERNAL"
  })
  void sessionIsToldWhoEndedItsWebSocket(
      WebSocketClosed.Cause cause, int code, CloseReason reason) {
    assertThat(DirectWebSocketListener.reason(new WebSocketClosed(code, cause, "")))
        .isEqualTo(reason);
  }
}
