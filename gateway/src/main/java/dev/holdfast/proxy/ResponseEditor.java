package dev.holdfast.proxy;

import java.util.Optional;

/** Edits the bodies of selected small responses; other responses are not buffered. Thread-safe. */
@FunctionalInterface
public interface ResponseEditor {
  /** Edits nothing. */
  ResponseEditor NONE = request -> Optional.empty();

  /**
   * Returns the edit for the response to this request, which is then buffered completely. Called
   * for every request, on its I/O thread.
   */
  Optional<Edit> edit(ExchangeObserver.Request request);

  /** Why a response was forwarded without being edited. */
  enum Obstacle {
    /** The status is not 200. */
    STATUS,
    /** The content coding is neither gzip nor identity, or the bytes do not match it. */
    CODING,
    /** It is too long, delimited by the end of the connection, or has trailers. */
    FRAMING
  }

  /** The edit of one response. Used once, on the I/O thread of its request. */
  interface Edit {
    /** Returns the replacement for this complete body; empty leaves it unchanged. */
    Optional<byte[]> edited(byte[] body);

    /** Called when the response is forwarded unchanged. */
    void impossible(Obstacle obstacle);
  }
}
