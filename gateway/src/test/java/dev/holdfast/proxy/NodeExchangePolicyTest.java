package dev.holdfast.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.EngineError;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeExchangePolicyTest {
  private final NodeExchangePolicy policy =
      new NodeExchangePolicy(new Metrics().nodes(), () -> Duration.ofSeconds(25));

  /** A client opens a new session if its own is unknown, which helps if the node is at fault. */
  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, SESSION_UNKNOWN",
    "RESPONSE_TIMEOUT, SESSION_UNKNOWN",
    "REQUEST_TIMEOUT, BAD_REQUEST",
    "BAD_REQUEST, BAD_REQUEST",
  })
  void sessionIsUnknownUnlessTheClientIsToBlame(Failure failure, EngineError error) {
    HttpServerExchange exchange = new HttpServerExchange(null);

    assertThat(refusal(exchange, failure)).contains("application/json").endsWith(error.json());

    exchange.getRequestHeaders().put(Headers.UPGRADE, "WebSocket");
    assertThat(refusal(exchange, failure)).contains("text/plain").endsWith(error.message());
  }

  private String refusal(HttpServerExchange exchange, Failure failure) {
    var out = new HeadWriter();
    assertThat(policy.begin(exchange, "192.0.2.1").refuse(out, failure, true)).isEqualTo(400);
    return ISO_8859_1.decode(out.toBuffer()).toString();
  }
}
