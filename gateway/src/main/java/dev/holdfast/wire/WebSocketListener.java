package dev.holdfast.wire;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;

/** Receives the events of an open {@link WebSocket}, on its I/O thread. */
public interface WebSocketListener {
  /** Ignores all events. */
  WebSocketListener NOBODY =
      new WebSocketListener() {
        @Override
        public void message(Message message) {}

        @Override
        public void batchEnd() {}

        @Override
        public void writable() {}

        @Override
        public void closed(WebSocketClosed how) {}
      };

  /**
   * Called for each whole message. Its bytes are valid until {@link #batchEnd}.
   *
   * @throws ProtocolException if the peer must not send this message; ends the WebSocket
   */
  void message(Message message) throws ProtocolException;

  /** Called after a batch of messages, usually those of one read: time to write its results. */
  void batchEnd();

  /** Called when all frames that {@link WebSocket#send} took have been written. */
  void writable();

  /** Called when the WebSocket has ended; at most once, and not after {@link WebSocket#close}. */
  void closed(WebSocketClosed how);
}
