package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Opens client WebSockets to one peer: TCP, TLS and the opening handshake. Thread-safe. */
public interface WebSocketConnector {
  /** Receives the result of an attempt: one of the two is called, once, on its event loop. */
  interface Outcome {
    /** Called when the connection is upgraded; {@code first} holds the bytes after the response. */
    void upgraded(ByteConnection connection, ByteBuffer first);

    /**
     * Called when the attempt has failed.
     *
     * @param reason the value of the metric label
     * @param sentence the failure, described for people
     * @param refused whether the peer or its host refused; otherwise it may still be available
     */
    void failed(String reason, String sentence, boolean refused);
  }

  /** An attempt to open a WebSocket. Confined to its event loop. */
  interface Attempt {
    /** Returns whether a connection for the handshake was established. */
    boolean wasConnected();

    /** Cancels the attempt. The outcome is not called any more. */
    void cancel();
  }

  /**
   * Starts an attempt on this event loop.
   *
   * @param limit maximum time from now to the end of the handshake
   */
  Attempt open(EventLoop loop, Duration limit, Outcome outcome);
}
