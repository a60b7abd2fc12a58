package dev.holdfast.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the boundaries of nodes have kept from others: none of it should have been thrown. */
final class InternalErrors extends AppenderBase<ILoggingEvent> {
  private final List<Throwable> thrown = new ArrayList<>();

  /** Listens from now on; logs nothing else of the product. */
  static InternalErrors listen() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("dev.holdfast").setLevel(Level.OFF);
    Logger logger = context.getLogger(ErrorBoundary.class);
    InternalErrors errors = new InternalErrors();
    errors.start();
    logger.setLevel(Level.ERROR);
    logger.setAdditive(false);
    logger.detachAndStopAllAppenders();
    logger.addAppender(errors);
    return errors;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getThrowableProxy() instanceof ThrowableProxy proxy
        && !(proxy.getThrowable() instanceof Injector.Planted)) {
      thrown.add(proxy.getThrowable());
    }
  }

  /** Throws what was kept back since the last call. */
  void check() {
    if (!thrown.isEmpty()) {
      Throwable first = thrown.get(0);
      thrown.clear();
      if (first instanceof Violation violation) {
        throw violation;
      }
      throw new Violation("thrown inside a node: " + first, first);
    }
  }
}
