package dev.holdfast.engineio;

import dev.holdfast.http1.HttpListener;

/** Receives what happens to the transports of an {@link EngineServer}. Thread-safe. */
public interface EngineListener extends HttpListener {
  /**
   * Called for a new transport.
   *
   * @param kind {@code websocket} or {@code polling}
   */
  default void transportOpened(String kind) {}

  /**
   * Called at the end of a transport.
   *
   * @param reason a label of {@link dev.holdfast.session.CloseReason}, or {@code upgraded}
   */
  default void transportClosed(String kind, String reason) {}

  /** Called for a ping that a client did not answer in time. */
  default void heartbeatMissed() {}

  /** Called once per read of a WebSocket, with the frames that it completed and its bytes. */
  default void framesReceived(long frames, long bytes) {}
}
