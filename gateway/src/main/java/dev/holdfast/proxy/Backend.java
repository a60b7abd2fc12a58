package dev.holdfast.proxy;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.wire.Connector;
import java.util.Optional;
import java.util.function.Function;

/**
 * A target of requests.
 *
 * @param name its label in logs and metrics
 * @param host returns the {@code Host} header to send, given the client's
 * @param signer signs requests, for a backend that verifies which node they come from
 */
public record Backend(
    String name,
    Function<Optional<String>, String> host,
    Connector connector,
    Optional<Signer> signer) {
  /** Signs requests. */
  @FunctionalInterface
  public interface Signer {
    /** Returns the signature of a request. */
    String of(SignedRequest signedRequest);
  }

  /** Creates a backend that receives unsigned requests. */
  public Backend(String name, Function<Optional<String>, String> host, Connector connector) {
    this(name, host, connector, Optional.empty());
  }

  /** Returns a backend for an upstream. */
  public static Backend of(Upstream upstream) {
    return new Backend(upstream.name(), upstream::hostFor, upstream::connect);
  }
}
