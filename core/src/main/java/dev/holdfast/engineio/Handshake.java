package dev.holdfast.engineio;

import dev.holdfast.http1.ForwardedClient;
import io.undertow.util.HeaderMap;

/** What a request to the Engine.IO endpoint states about its client. */
public interface Handshake {
  /** Returns the client's address and how it was forwarded. */
  ForwardedClient client();

  /** Returns whether another node has forwarded it, for a client of that node. */
  boolean isFromNode();

  /** Returns the headers of the request. */
  HeaderMap headers();
}
