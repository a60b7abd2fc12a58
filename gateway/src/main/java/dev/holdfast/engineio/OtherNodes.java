package dev.holdfast.engineio;

import io.undertow.server.HttpServerExchange;

/** Forwards requests to the nodes of their sessions. Thread-safe. */
public interface OtherNodes {
  /** Forwards a request if its sid names another node that is present; returns false otherwise. */
  boolean sendOn(HttpServerExchange exchange, String sid);

  /** Returns an instance without other nodes. */
  static OtherNodes none() {
    return (exchange, sid) -> false;
  }
}
