package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogTest {
  @Test
  void textIsTimeLevelAndMessage() {
    LoggingEvent event = event("listening on {}", null, "http://127.0.0.1:1");
    event.addKeyValuePair(new KeyValuePair("upstreams", 2));

    assertThat(new TextLayout().doLayout(event))
        .isEqualTo("2026-01-02T03:04:05.006Z INFO  listening on http://127.0.0.1:1 upstreams=2\n");
  }

  @Test
  void textOfAnEventIsOneLineWhateverItSays() {
    LoggingEvent event = event("a\r\nb", new IOException("c\nd"));

    assertThat(new TextLayout().doLayout(event))
        .startsWith("2026-01-02T03:04:05.006Z INFO  a | b | java.io.IOException: c | d | at dev.")
        .containsOnlyOnce("\n")
        .endsWith("\n");
  }

  @Test
  void jsonOfAnEventIsOneLine() {
    JsonLines encoder = new JsonLines();
    LoggingEvent event = event("listening on {}\n\"x\"", null, "http://127.0.0.1:1");

    assertThat(new String(encoder.encode(event), StandardCharsets.UTF_8))
        .startsWith("{\"timestamp\":1767323045006,\"level\":\"INFO\",")
        .contains("\"message\":\"listening on http://127.0.0.1:1\\n\\\"x\\\"\"")
        .containsOnlyOnce("\n")
        .endsWith("}\n");
  }

  private static LoggingEvent event(String message, @Nullable Throwable cause, Object... values) {
    var logger = new LoggerContext().getLogger("dev.holdfast");
    LoggingEvent event = new LoggingEvent("", logger, Level.INFO, message, cause, values);
    event.setInstant(Instant.parse("2026-01-02T03:04:05.006Z"));
    return event;
  }
}
