package dev.holdfast.engineio;

/**
 * Observes which transports the clients of this node request and get. Their networks may block
 * WebSockets. Thread-safe.
 */
public interface HandshakeObserver {
  /** Called for a polling handshake. */
  default void pollingRequested(Handshake handshake) {}

  /** Called for a request for a WebSocket that can be completed. */
  default void webSocketRequested(Handshake handshake) {}

  /**
   * Called for a request for a WebSocket that lacks the upgrade headers, which something on the way
   * has removed.
   */
  default void webSocketStripped(Handshake handshake) {}

  /** Called when a WebSocket has opened; the returned task must be run when that closes. */
  default Runnable webSocketOpened(Handshake handshake) {
    return () -> {};
  }
}
