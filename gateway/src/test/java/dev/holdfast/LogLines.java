package dev.holdfast;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.time.Awaiting;
import java.io.Closeable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the program logs, from here to the close. */
public final class LogLines implements Closeable {
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final Logger logger;

  /** From now on. */
  public LogLines() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    logger = context.getLogger("dev.holdfast");
    logger.setLevel(Level.INFO);
    // Other threads log while it is read.
    appender.list = new CopyOnWriteArrayList<>();
    appender.start();
    logger.addAppender(appender);
  }

  /** Their texts so far. */
  public List<String> lines() {
    return List.copyOf(appender.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** The errors so far that were logged with what was thrown, by its message. */
  public List<String> traces() {
    return List.copyOf(appender.list).stream()
        .filter(event -> event.getLevel() == Level.ERROR && event.getThrowableProxy() != null)
        .map(event -> event.getThrowableProxy().getMessage())
        .toList();
  }

  void await(String part) throws InterruptedException {
    Awaiting.until(() -> lines().stream().anyMatch(line -> line.contains(part)));
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
  }
}
