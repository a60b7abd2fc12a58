package dev.holdfast.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.event.KeyValuePair;

/**
 * Formats a log event as a line of text: {@code 2026-11-21T10:00:00.000Z INFO listening on …}.
 * Thread-safe.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  /** Line breaks in a message or stack trace must not look like the start of another event. */
  private static final Pattern LINES = Pattern.compile("\\s*[\\r\\n]+\\s*");

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(event.getFormattedMessage());
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> line.append(' ').append(pair.key).append('=').append(pair.value));
    }
    if (event.getThrowableProxy() != null) {
      line.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return "%s %-5s %s%n"
        .formatted(
            TIME.format(event.getInstant()),
            event.getLevel(),
            LINES.matcher(line.toString().strip()).replaceAll(" | "));
  }
}
