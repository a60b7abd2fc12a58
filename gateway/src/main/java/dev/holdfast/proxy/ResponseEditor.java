package dev.holdfast.proxy;

import java.util.Optional;

/** Changes the bodies of a few small responses; all others are never held. Thread-safe. */
@FunctionalInterface
public interface ResponseEditor {
  /** Changes nothing. */
  ResponseEditor NONE = request -> Optional.empty();

  /**
   * What may change the response to this request, which is then read whole before it goes on.
   * Called for every request, on its I/O thread.
   */
  Optional<Edit> edit(ExchangeObserver.Request request);

  /** Why a response goes on without having been looked at. */
  enum Obstacle {
    /** It is not a 200. */
    STATUS,
    /** Its content coding is neither gzip nor none, or its bytes are not what that says. */
    CODING,
    /** It is too long, its end is told by the close of the connection, or it has trailers. */
    FRAMING
  }

  /** The change of one response. Used once, on the I/O thread of its request. */
  interface Edit {
    /** The body to send instead of this one, which has come whole; empty leaves it as it is. */
    Optional<byte[]> edited(byte[] body);

    /** The response goes on as it is. */
    void impossible(Obstacle obstacle);
  }
}
