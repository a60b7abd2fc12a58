package dev.holdfast.session;

/** The points in a session's life that its {@linkplain PacketStage stages} are notified of. */
public enum SessionPhase {
  /** The upstream has accepted the client, or this node has adopted the session. */
  OPENED,
  /** The client was sent the CONNECT reply of a link that replaces an earlier one. */
  LINKED,
  /** The client is away, and the session waits for it. */
  PARKED,
  /** The client is back. */
  RESUMED,
  /** The session has ended. */
  CLOSED
}
