package dev.holdfast.proxy;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/** The differences between requests to upstreams and to other nodes. Thread-safe. */
interface ExchangePolicy {
  /** Called when a request begins. */
  Trace begin(HttpServerExchange exchange, String client);

  /** Returns the observers and the editor of responses. */
  Interceptors interceptors();

  /** Returns how long the backend may take to respond. */
  Duration responseTimeout();

  /** One request, from its head to the end of its response. Confined to its I/O thread. */
  interface Trace {
    /** Writes a response in place of the backend's and returns its status. */
    int refuse(HeadWriter out, Failure failure, boolean persistent);

    /**
     * Called when the request has ended; {@code status} is 499 if the client disconnected before a
     * response.
     */
    void end(String backend, int status, long bytes);
  }
}
