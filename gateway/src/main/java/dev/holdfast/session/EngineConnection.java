package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One side of a session: the transport to its client, or the link to its upstream. Carries
 * Socket.IO packets as WebSocket frames, unmasked towards the client and masked towards the
 * upstream; Engine.IO and the network are its own business. Confined to the session's thread.
 */
public interface EngineConnection {
  /**
   * Takes whole frames, all or none.
   *
   * @return false if it can take none now: {@link Listener#writable} tells when
   */
  boolean send(ByteBuffer frames);

  /** Whether all that it has taken has gone to the network. */
  default boolean isFlushed() {
    return true;
  }

  /** Stops reading, for one more reason. */
  void pauseReads(PauseReason reason);

  /** This reason is gone: reads again, if there is no other. */
  void resumeReads(PauseReason reason);

  /**
   * Asks a client for a confirmation of all that was sent so far, with {@link
   * Listener#acknowledged}; links have none to give.
   *
   * @return whether the client has been asked right behind what was sent last; else it will be
   *     asked later, or was before
   */
  boolean ping();

  /**
   * The same, and {@link #ping} is called next: what asks the client may leave with the same write.
   *
   * @param frames with room behind them, which may be written to
   */
  default boolean sendBeforePing(ByteBuffer frames) {
    return send(frames);
  }

  /**
   * Takes whole frames that the client is to get before the close that follows at once, though
   * {@link #send} takes none: one that polls asks for them.
   *
   * @return false if there is no way to the client any more
   */
  default boolean sendLast(ByteBuffer frames) {
    return false;
  }

  /** The node that the client is on, if that is another one and would take the session over. */
  default Optional<String> successor() {
    return Optional.empty();
  }

  /** Ends it behind what was taken; the listener hears nothing more. */
  void close(CloseReason reason);

  /**
   * The same for a client's transport, but the listener hears what the client sent before it learnt
   * of that, and then the end.
   *
   * @return false if this connection knows no other end than {@link #close}
   */
  default boolean leave(CloseReason reason) {
    return false;
  }

  /** What a connection reports to its session, on the session's thread. */
  interface Listener {
    /**
     * A Socket.IO packet, or an attachment of one; valid until {@link #batchEnd}.
     *
     * @throws ProtocolException if it is none that may come now
     */
    void message(Message message) throws ProtocolException;

    /** Nothing more came with this read: time to pass it on. */
    void batchEnd();

    /** The connection takes frames again. */
    void writable();

    /**
     * The client has handled the first {@code bytes} bytes that this connection was given by its
     * present owner. Called behind the {@link #batchEnd} of the read that says so.
     */
    void acknowledged(long bytes);

    /** The node that the client is on has taken the session over, as it was offered. */
    default void takenOver() {
      // Nothing was offered.
    }

    /** The connection has ended by itself; called at most once. */
    void closed(CloseReason reason);
  }
}
