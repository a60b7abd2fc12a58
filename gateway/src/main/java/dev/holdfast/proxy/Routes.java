package dev.holdfast.proxy;

import io.undertow.util.HeaderMap;
import java.util.Optional;

/** Which backend a request goes to. Thread-safe. */
@FunctionalInterface
public interface Routes {
  /** The backend of whoever sent these headers from this address; empty if none is ready. */
  Optional<Backend> route(HeaderMap headers, String clientAddress);

  /** The user who sent these headers, if that is verified. */
  default Optional<String> verifiedUser(HeaderMap headers) {
    return Optional.empty();
  }
}
