package dev.holdfast.cli;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.core.io.JsonStringEncoder;

/**
 * Formats a log event as a line of JSON for log collectors, in logback's format with the complete
 * message.
 */
final class JsonLines extends JsonEncoder {
  JsonLines() {
    setWithSequenceNumber(false);
    setWithNanoseconds(false);
    setWithContext(false);
    setWithMDC(false);
    setWithMarkers(false);
    setWithMessage(false);
    setWithArguments(false);
  }

  @Override
  protected void appendCustomFields(StringBuilder line, ILoggingEvent event) {
    appendValueSeparator(line, true);
    // Logback's own escaping writes every slash as "\\/".
    char[] message = JsonStringEncoder.getInstance().quoteAsString(event.getFormattedMessage());
    appenderMember(line, MESSAGE_ATTR_NAME, String.valueOf(message));
  }
}
