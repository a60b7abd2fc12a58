package dev.holdfast.proxy;

import java.util.List;
import java.util.Optional;

/** Observes how backends respond to requests. Thread-safe. */
@FunctionalInterface
public interface ExchangeObserver {
  /** Does nothing. */
  ExchangeObserver NONE = exchange -> {};

  /**
   * Called with the head of a backend's final response, before the client receives it. Called for
   * every request, on its I/O thread.
   */
  void answered(Exchange exchange);

  /** A request. Valid for the duration of the call. */
  interface Request {
    /** Returns the method. */
    String method();

    /** Returns path and query, byte for byte. */
    String target();

    /** Returns the lines of a request header. */
    List<String> requestHeader(String name);

    /** Returns the client's address, as reported by trusted proxies. */
    String clientAddress();

    /** Returns the user id in the request's token, if verified. */
    Optional<String> verifiedUser();
  }

  /** A request and the head of its response. Valid for the duration of the call. */
  interface Exchange extends Request {
    /** Returns the response's status, 200 or higher. */
    int status();

    /** Returns the first line of a response header. */
    Optional<String> responseHeader(String name);
  }
}
