package dev.holdfast.wire;

import org.xnio.StreamConnection;

/** Receives the result of {@link Connector#connect}. */
public interface ConnectCallback {
  /** Called when the connection is open, TLS included. The callee owns it. */
  void connected(StreamConnection connection);

  /**
   * Called when no connection could be opened, or when {@link #connected} threw and it was closed.
   */
  void failed(DialFailure failure);
}
