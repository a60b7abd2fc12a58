package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.metrics.Metrics;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessLogTest {
  private static List<String> lines(boolean enabled) {
    HttpServerExchange exchange = new HttpServerExchange(null);
    exchange.setRequestMethod(Methods.GET);
    exchange.setRequestURI("/a b\r\n\u007f\u00e9~");
    exchange.setQueryString("token=secret");
    var policy = new AccessLog(new Metrics(), enabled, Duration.ZERO, Interceptors.NONE);
    try (LogLines log = new LogLines()) {
      policy.begin(exchange, "192.0.2.1").end("up:8080", 200, 5);
      return log.lines();
    }
  }

  @Test
  void lineSaysWhatWasAskedAndAnsweredWithoutTheQueryOrControls() {
    assertThat(lines(true))
        .singleElement()
        .asString()
        .matches(
            "GET /a\\?b\\?\\?\\?\\?~ status=200 bytes=5 ms=\\d+ client=192\\.0\\.2\\.1"
                + " upstream=up:8080");
  }

  @Test
  void thereAreNoLinesUnlessTheyAreEnabled() {
    assertThat(lines(false)).isEmpty();
  }
}
