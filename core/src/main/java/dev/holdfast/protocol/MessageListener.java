package dev.holdfast.protocol;

/** Receives the messages of a connection in batches, on its thread. */
public interface MessageListener {
  /**
   * Called for each whole message. Its bytes are valid until {@link #batchEnd}.
   *
   * @throws ProtocolException if the peer may not send this message now; ends the connection
   */
  void message(Message message) throws ProtocolException;

  /** Called after a batch of messages, usually those of one read: time to write its results. */
  void batchEnd();

  /** Called when the connection accepts frames again. */
  void writable();
}
