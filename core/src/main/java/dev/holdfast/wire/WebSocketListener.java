package dev.holdfast.wire;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;

/** Receives the events of an open {@link WebSocket}, on its I/O thread. */
public interface WebSocketListener extends MessageListener {
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

  /** Called when the WebSocket has ended; at most once, and not after {@link WebSocket#close}. */
  void closed(WebSocketClosed how);
}
