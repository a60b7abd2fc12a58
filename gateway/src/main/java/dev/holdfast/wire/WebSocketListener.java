package dev.holdfast.wire;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;

/** What an open {@link WebSocket} tells its owner, on its I/O thread. */
public interface WebSocketListener {
  /** Ignores what it hears. */
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
   * A whole message arrived; its bytes are valid until {@link #batchEnd}.
   *
   * @throws ProtocolException if the message is none that the peer may send; ends the WebSocket
   */
  void message(Message message) throws ProtocolException;

  /** No further message came with this read: time to write what came of the batch. */
  void batchEnd();

  /** All that {@link WebSocket#send} took has been written. */
  void writable();

  /** The peer or the network ended the WebSocket; called at most once, and not after our close. */
  void closed(WebSocketClosed how);
}
