package dev.holdfast.engineio;

import java.time.Duration;
import java.util.Optional;

/** What is on top of the Engine.IO layer: Socket.IO sessions, or an echo in tests. */
public interface Application {
  /**
   * What a client is told in the handshake.
   *
   * @param maxPayload bytes of the largest message that is taken from the client
   */
  record Terms(Duration pingInterval, Duration pingTimeout, long maxPayload) {}

  /** The terms for this client; empty if no session can be served now. */
  Optional<Terms> terms(Handshake handshake);

  /** Counts a client in. */
  Admission.Entry admit(Handshake handshake);

  /** Whether the node stops: WebSockets of other nodes' sessions are better off elsewhere. */
  default boolean isDraining() {
    return false;
  }

  /** Whether it is about to be gone: so are requests that wait. */
  default boolean isClosing() {
    return false;
  }

  /**
   * A session was opened for an admitted client: the socket must have an owner when this returns.
   * Called on the session's thread, before the first message.
   *
   * @param place the client's, to be given back when the socket has closed
   */
  void opened(
      EngineSocket socket, Handshake handshake, EngineRequest request, Admission.Place place);
}
