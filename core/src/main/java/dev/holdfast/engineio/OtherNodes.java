package dev.holdfast.engineio;

import io.undertow.server.HttpServerExchange;

/** The other nodes of a cluster, which have the sessions of their own sids. Thread-safe. */
public interface OtherNodes {
  /** Forwards a request if its sid names another node that is present; returns false otherwise. */
  boolean sendOn(HttpServerExchange exchange, String sid);

  /** Returns whether another node has forwarded a request, for a client of that node. */
  boolean isFrom(HttpServerExchange exchange);

  /** Returns an instance without other nodes. */
  static OtherNodes none() {
    return new OtherNodes() {
      @Override
      public boolean sendOn(HttpServerExchange exchange, String sid) {
        return false;
      }

      @Override
      public boolean isFrom(HttpServerExchange exchange) {
        return false;
      }
    };
  }
}
