package dev.holdfast.proxy;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/** What differs between requests for an upstream and those for another node. Thread-safe. */
interface ExchangePolicy {
  /** A request begins. */
  Trace begin(HttpServerExchange exchange, String client);

  /** Who sees how the backend answers, and may change it. */
  Interceptors interceptors();

  /** How long the backend may take to answer. */
  Duration responseTimeout();

  /** One request, from its head to the end of its response. Confined to its I/O thread. */
  interface Trace {
    /** Writes a response in the backend's place, and says its status. */
    int refuse(HeadWriter out, Failure failure, boolean persistent);

    /** It ended; {@code status} is 499 if the client went away before it had one. */
    void end(String backend, int status, long bytes);
  }
}
