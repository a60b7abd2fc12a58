package dev.holdfast.admin;

import dev.holdfast.http1.ExchangeBoundary;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ErrorBoundary;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Serves {@code /metrics} in the text format of Prometheus or OpenMetrics, depending on {@code
 * Accept}. Thread-safe.
 */
final class MetricsPage implements HttpHandler {
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Metrics metrics;

  MetricsPage(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    // Collecting the JVM's metrics may take milliseconds, too long for an I/O thread.
    ErrorBoundary boundary =
        ExchangeBoundary.around(exchange, () -> metrics.internalError("request"));
    exchange.dispatch(boundary.guard(() -> scrape(exchange)));
  }

  private void scrape(HttpServerExchange exchange) {
    ExpositionFormatWriter writer =
        formats.findWriter(exchange.getRequestHeaders().getFirst(Headers.ACCEPT));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, writer.getContentType());
    exchange.getResponseSender().send(ByteBuffer.wrap(page(writer)));
  }

  private byte[] page(ExpositionFormatWriter writer) {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    try {
      writer.write(page, metrics.registry().scrape());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return page.toByteArray();
  }
}
