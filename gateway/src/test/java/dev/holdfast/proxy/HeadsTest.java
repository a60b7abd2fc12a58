package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Protocols;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadsTest {
  @ParameterizedTest
  @CsvSource({
    "websocket, Upgrade, true, 0, websocket",
    "websocket, 'keep-alive, upgrade', true, 0, websocket",
    "websocket, keep-alive, true, 0,",
    "websocket, , true, 0,",
    "websocket, Upgrade, false, 0,",
    "websocket, Upgrade, true, 5,",
    "H2C, Upgrade, true, 0,",
  })
  void onlyAnUpgradeThatHttpAllowsIsPassedOn(
      String protocol, String connection, boolean http11, int body, String upgrade) {
    HttpServerExchange exchange = new HttpServerExchange(null);
    exchange.setProtocol(http11 ? Protocols.HTTP_1_1 : Protocols.HTTP_1_0);
    exchange.getRequestHeaders().put(Headers.UPGRADE, protocol);
    if (connection != null) {
      exchange.getRequestHeaders().put(Headers.CONNECTION, connection);
    }

    assertThat(Heads.upgrade(exchange, new Framing(Framing.Kind.FIXED, body)))
        .isEqualTo(Optional.ofNullable(upgrade));
  }
}
