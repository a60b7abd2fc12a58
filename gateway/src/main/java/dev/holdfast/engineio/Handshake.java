package dev.holdfast.engineio;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.upstream.LinkRequest;
import java.util.Optional;

/** What a request to the Engine.IO endpoint states about its client. */
public interface Handshake {
  /** Returns the client's address and how it was forwarded. */
  Forwarding.Client client();

  /** Returns whether another node has forwarded it, for a client of that node. */
  boolean isFromNode();

  /** Returns whether the client is a page in a browser. */
  boolean isBrowser();

  /** Returns whether the client is a program other than a browser. */
  boolean isProgram();

  /** Returns the {@code User-Agent}; empty if absent. */
  String userAgent();

  /** Returns the id of the user that its token names; empty without one. */
  Optional<String> user();

  /**
   * Returns the request that opens upstream links for this client; {@code query} ends with {@code
   * &} or is empty.
   */
  LinkRequest links(String query);
}
