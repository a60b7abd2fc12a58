package dev.holdfast.session;

import dev.holdfast.protocol.MessageListener;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One side of a session: the transport to its client, or the link to its upstream. Carries
 * Socket.IO packets in WebSocket frames, unmasked towards the client and masked towards the
 * upstream. Hides Engine.IO and the network. Confined to the session's thread.
 */
public interface EngineConnection {
  /**
   * Sends whole frames, either all or none.
   *
   * @return false if the connection is not writable; {@link Listener#writable} follows
   */
  boolean send(ByteBuffer frames);

  /** Returns whether every accepted frame was written to the network. */
  default boolean isFlushed() {
    return true;
  }

  /** Adds a reason to pause reads. */
  void pauseReads(PauseReason reason);

  /** Removes a reason to pause reads. Resumes reading if no other reason remains. */
  void resumeReads(PauseReason reason);

  /**
   * Requests a confirmation of everything sent so far, reported by {@link Listener#acknowledged}.
   * Links give no confirmations.
   *
   * @return whether the request directly follows the last frame sent; otherwise it is sent later,
   *     or was sent before
   */
  boolean ping();

  /**
   * Sends frames like {@link #send}, just before a call of {@link #ping}. The ping may share the
   * write.
   *
   * @param frames with spare capacity after them, which may be overwritten
   */
  default boolean sendBeforePing(ByteBuffer frames) {
    return send(frames);
  }

  /**
   * Sends whole frames ahead of an immediate close, although {@link #send} accepts none. A polling
   * client requests them later.
   *
   * @return false if the client cannot be reached any more
   */
  default boolean sendLast(ByteBuffer frames) {
    return false;
  }

  /** Returns the client's node, if it is another node that would take over the session. */
  default Optional<String> successor() {
    return Optional.empty();
  }

  /** Closes the connection after the accepted frames. The listener is not called again. */
  void close(CloseReason reason);

  /**
   * Closes a client's transport gracefully. The listener still receives what the client sent before
   * it learned of the close, and then {@link Listener#closed}.
   *
   * @return false if this connection supports only {@link #close}
   */
  default boolean leave(CloseReason reason) {
    return false;
  }

  /**
   * Receives the events of a connection, on the session's thread. Its messages are Socket.IO
   * packets and their attachments.
   */
  interface Listener extends MessageListener {
    /**
     * Called when the client has handled the first {@code bytes} bytes that the present owner has
     * sent over this connection. Follows the {@link #batchEnd} of the read that carried the
     * confirmation.
     */
    void acknowledged(long bytes);

    /** Called when the client's node has accepted the handoff that it was offered. */
    default void takenOver() {
      // No handoff was offered.
    }

    /** Called when the connection has ended by itself, at most once. */
    void closed(CloseReason reason);
  }
}
