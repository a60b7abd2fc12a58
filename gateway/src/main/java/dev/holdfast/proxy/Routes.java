package dev.holdfast.proxy;

import io.undertow.util.HeaderMap;
import java.util.Optional;

/** Chooses the backend of a request. Thread-safe. */
@FunctionalInterface
public interface Routes {
  /**
   * Returns the backend for a client with these headers and this address; empty if none is ready.
   */
  Optional<Backend> route(HeaderMap headers, String clientAddress);

  /** Returns the user of these headers, if verified. */
  default Optional<String> verifiedUser(HeaderMap headers) {
    return Optional.empty();
  }
}
