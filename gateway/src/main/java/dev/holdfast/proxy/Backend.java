package dev.holdfast.proxy;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.upstream.ConnectCallback;
import dev.holdfast.upstream.Upstream;
import java.util.Optional;
import java.util.function.Function;
import org.xnio.XnioIoThread;

/**
 * A target of requests.
 *
 * @param name its label in logs and metrics
 * @param host returns the {@code Host} header to send, given the client's
 * @param seal signs requests, for a backend that verifies which node they come from
 */
public record Backend(
    String name, Function<Optional<String>, String> host, Dialling dialling, Optional<Seal> seal) {
  /** Opens connections to a backend. */
  @FunctionalInterface
  public interface Dialling {
    /** Invokes the callback on this thread exactly once. */
    void connect(XnioIoThread thread, ConnectCallback callback);
  }

  /** Signs requests. */
  @FunctionalInterface
  public interface Seal {
    /** Returns the signature of a request. */
    String of(SignedRequest signedRequest);
  }

  /** Creates a backend that receives unsigned requests. */
  public Backend(String name, Function<Optional<String>, String> host, Dialling dialling) {
    this(name, host, dialling, Optional.empty());
  }

  /** Returns a backend for an upstream. */
  public static Backend of(Upstream upstream) {
    return new Backend(upstream.name(), upstream::hostFor, upstream::connect);
  }
}
