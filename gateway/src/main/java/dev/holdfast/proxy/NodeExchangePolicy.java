package dev.holdfast.proxy;

import dev.holdfast.metrics.NodeMetrics;
import dev.holdfast.protocol.EngineError;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The policy for requests to other nodes. If a node cannot be reached its session is unknown, and
 * the client receives the error that an Engine.IO server would send. Thread-safe.
 */
final class NodeExchangePolicy implements ExchangePolicy {
  /** Tolerance for late responses. */
  private static final Duration SLACK = Duration.ofSeconds(5);

  private static final int CLIENT_GONE = 499;

  private final NodeMetrics metrics;
  private final Supplier<Duration> silence;

  NodeExchangePolicy(NodeMetrics metrics, Supplier<Duration> silence) {
    this.metrics = metrics;
    this.silence = silence;
  }

  @Override
  public Trace begin(HttpServerExchange exchange, String client) {
    metrics.forwardStarted();
    return new Passed(exchange);
  }

  @Override
  public Interceptors interceptors() {
    return Interceptors.NONE;
  }

  @Override
  public Duration responseTimeout() {
    return silence.get().plus(SLACK);
  }

  private final class Passed implements Trace {
    private final HttpServerExchange exchange;
    private boolean refused;

    private Passed(HttpServerExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public int refuse(HeadWriter out, Failure failure, boolean persistent) {
      refused = true;
      boolean plain =
          "websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst(Headers.UPGRADE));
      EngineError error =
          failure.isClientFault() ? EngineError.BAD_REQUEST : EngineError.SESSION_UNKNOWN;
      String body = plain ? error.message() : error.json();
      out.text("HTTP/1.1 400 Bad Request\r\nCache-Control: no-store\r\n");
      out.text("Content-Type: " + (plain ? "text/plain" : "application/json") + "\r\n");
      out.text("Content-Length: " + body.length() + "\r\n");
      out.text(persistent ? "\r\n" : "Connection: close\r\n\r\n").text(body);
      return error.status();
    }

    @Override
    public void end(String backend, int status, long bytes) {
      metrics.forwarded(refused ? "failed" : status == CLIENT_GONE ? "client-gone" : "answered");
    }
  }
}
