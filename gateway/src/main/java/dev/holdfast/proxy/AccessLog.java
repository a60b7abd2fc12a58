package dev.holdfast.proxy;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy for requests to upstreams: records metrics and, if enabled, an access log line for
 * each. The query is omitted, since it may carry tokens. Thread-safe.
 */
final class AccessLog implements ExchangePolicy {
  private static final Logger LOG = LoggerFactory.getLogger("dev.holdfast.access");

  private final Metrics metrics;
  private final boolean lines;
  private final Duration responseTimeout;
  private final Interceptors interceptors;

  AccessLog(Metrics metrics, boolean lines, Duration responseTimeout, Interceptors interceptors) {
    this.metrics = metrics;
    this.lines = lines;
    this.responseTimeout = responseTimeout;
    this.interceptors = interceptors;
  }

  private final class Entry implements Trace {
    private final HttpServerExchange exchange;
    private final String client;
    private final long began = SteadyClock.nanoTime();

    Entry(HttpServerExchange exchange, String client) {
      this.exchange = exchange;
      this.client = client;
      metrics.proxyActive(1);
    }

    @Override
    public int refuse(HeadWriter out, Failure failure, boolean persistent) {
      ErrorPage.of(failure, exchange)
          .write(out, failure, !exchange.getRequestMethod().equals(Methods.HEAD), persistent);
      return failure.status();
    }

    @Override
    public void end(String upstream, int status, long bytes) {
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

  @Override
  public Trace begin(HttpServerExchange exchange, String client) {
    return new Entry(exchange, client);
  }

  @Override
  public Interceptors interceptors() {
    return interceptors;
  }

  @Override
  public Duration responseTimeout() {
    return responseTimeout;
  }

  private static String printable(String path) {
    StringBuilder text = new StringBuilder(path.length());
    path.chars().forEach(c -> text.append(c > ' ' && c < 0x7f ? (char) c : '?'));
    return text.toString();
  }
}
