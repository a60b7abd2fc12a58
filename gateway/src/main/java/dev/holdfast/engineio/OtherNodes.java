package dev.holdfast.engineio;

import io.undertow.server.HttpServerExchange;

/** The other nodes, for requests of sessions that are there. Thread-safe. */
public interface OtherNodes {
  /** Sends a request on if its session's sid names another node that is there; false if not. */
  boolean sendOn(HttpServerExchange exchange, String sid);

  /** There are no other nodes. */
  static OtherNodes none() {
    return (exchange, sid) -> false;
  }
}
