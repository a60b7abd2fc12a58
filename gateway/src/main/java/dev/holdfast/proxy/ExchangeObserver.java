package dev.holdfast.proxy;

import java.util.List;
import java.util.Optional;

/** Sees how backends answer requests. Thread-safe. */
@FunctionalInterface
public interface ExchangeObserver {
  /** Sees nothing. */
  ExchangeObserver NONE = exchange -> {};

  /**
   * The head of a backend's final response has come; the client gets it afterwards. Called for
   * every request, on its I/O thread.
   */
  void answered(Exchange exchange);

  /** A request. Good for the duration of the call. */
  interface Request {
    /** Its method. */
    String method();

    /** Its path and query, byte for byte. */
    String target();

    /** The lines of one of its headers. */
    List<String> requestHeader(String name);

    /** Where it comes from: the address of the client, as trusted proxies tell it. */
    String clientAddress();

    /** The id of the user whose token it brings, if that is verified. */
    Optional<String> verifiedUser();
  }

  /** A request and the head of its response. Good for the duration of the call. */
  interface Exchange extends Request {
    /** The response's status, 200 or higher. */
    int status();

    /** The first line of a header of the response. */
    Optional<String> responseHeader(String name);
  }
}
