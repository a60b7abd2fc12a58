package dev.holdfast.proxy;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of each request: a line, if asked for, and metrics. The query is left out, since it
 * may carry tokens. Thread-safe.
 */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.holdfast.access");

  private final Metrics metrics;
  private final boolean lines;

  AccessLog(Metrics metrics, boolean lines) {
    this.metrics = metrics;
    this.lines = lines;
  }

  /** One request, from its head to the end of its response. Confined to its I/O thread. */
  final class Entry {
    private final HttpServerExchange exchange;
    private final String client;
    private final long began = SteadyClock.nanoTime();

    Entry(HttpServerExchange exchange, String client) {
      this.exchange = exchange;
      this.client = client;
      metrics.proxyActive(1);
    }

    /** It ended; {@code status} is 499 if the client went away before it had one. */
    void end(String upstream, int status, long bytes) {
      Duration duration = Duration.ofNanos(SteadyClock.nanoTime() - began);
      metrics.proxyActive(-1);
      metrics.proxyRequest(upstream, status, duration);
      if (lines) {
        LOG.info(
            "{} {} status={} bytes={} ms={} client={} upstream={}",
            exchange.getRequestMethod(),
            printable(exchange.getRequestURI()),
            status,
            bytes,
            duration.toMillis(),
            client,
            upstream);
      }
    }
  }

  Entry begin(HttpServerExchange exchange, String client) {
    return new Entry(exchange, client);
  }

  private static String printable(String path) {
    StringBuilder text = new StringBuilder(path.length());
    path.chars().forEach(c -> text.append(c > ' ' && c < 0x7f ? (char) c : '?'));
    return text.toString();
  }
}
