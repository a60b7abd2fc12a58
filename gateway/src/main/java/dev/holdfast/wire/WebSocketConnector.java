package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Opens WebSockets to one peer, with us as the client: TCP, TLS and the handshake. Thread-safe. */
public interface WebSocketConnector {
  /** What comes of an attempt; one of the two is called, once, on its event loop. */
  interface Outcome {
    /** The connection is a WebSocket; {@code first} are bytes that came behind the response. */
    void upgraded(ByteConnection connection, ByteBuffer first);

    /**
     * There is none.
     *
     * @param reason the metric's label
     * @param refused whether the peer, or its machine, has said no; else it may be there all the
     *     same
     */
    void failed(String reason, String sentence, boolean refused);
  }

  /** One attempt. Confined to its event loop. */
  interface Attempt {
    /** Whether there was a connection to shake hands on. */
    boolean wasConnected();

    /** Gives up; the outcome is not called any more. */
    void cancel();
  }

  /**
   * Begins an attempt, on this event loop.
   *
   * @param limit from now to the end of the handshake
   */
  Attempt open(EventLoop loop, Duration limit, Outcome outcome);
}
