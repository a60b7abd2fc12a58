package dev.holdfast.engineio;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.upstream.LinkRequest;
import java.util.Optional;

/** What a client's request to the Engine.IO endpoint says about the client. */
public interface Handshake {
  /** Where it comes from. */
  Forwarding.Client client();

  /** Whether another node has sent it on, for a client of its own. */
  boolean isFromNode();

  /** Whether a browser's page asks. */
  boolean isBrowser();

  /** Whether a program asks that is no browser. */
  boolean isProgram();

  /** What the client calls itself; empty if it says nothing. */
  String userAgent();

  /** The id of the user whose token it brings; empty without one. */
  Optional<String> user();

  /** What links for this client have to say; {@code query} ends with {@code &}, or is empty. */
  LinkRequest links(String query);
}
