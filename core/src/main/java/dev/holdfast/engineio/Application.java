package dev.holdfast.engineio;

import dev.holdfast.memory.Quotas.Peer;
import java.time.Duration;
import java.util.Optional;

/** The layer above Engine.IO: Socket.IO sessions, or an echo in tests. */
public interface Application {
  /**
   * The terms that the handshake announces to a client.
   *
   * @param maxPayload largest message that is accepted from the client, in bytes
   */
  record Terms(Duration pingInterval, Duration pingTimeout, long maxPayload) {}

  /** Returns the terms for this client; empty if no session can be served now. */
  Optional<Terms> terms(Handshake handshake);

  /** Returns whose quota a client's requests count against. */
  default Peer peer(Handshake handshake) {
    return handshake.client().peer();
  }

  /** Admits or refuses a client. */
  Admission.Entry admit(Handshake handshake);

  /** Returns whether the node is stopping. It then forwards no new WebSockets to other nodes. */
  default boolean isDraining() {
    return false;
  }

  /** Returns whether the node is about to exit. It then forwards no new polling GETs either. */
  default boolean isClosing() {
    return false;
  }

  /**
   * Called when a session was opened for an admitted client, on the session's thread and before its
   * first message. The socket must have an owner when this returns.
   *
   * @param place the client's; must be returned when the socket has closed
   */
  void opened(
      EngineSocket socket, Handshake handshake, EngineRequest request, Admission.Place place);
}
