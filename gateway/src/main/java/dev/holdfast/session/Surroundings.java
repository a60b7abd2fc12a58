package dev.holdfast.session;

import dev.holdfast.protocol.Message;

/** What a session needs of the node that it lives on. Called on the session's thread. */
public interface Surroundings {
  /**
   * Starts a link for the client's first CONNECT. That no upstream can be had is told to the
   * receiver later, never before this returns.
   */
  Hop dial(Message connect, Hop.Receiver receiver);

  /** The client sent {@code user-join}: its token may say who it is. */
  void userJoined(Message event);

  /** The upstream has answered a CONNECT. */
  void announced();

  /** The session is over; called once. */
  void ended(CloseReason reason);
}
