package dev.holdfast.proxy;

import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.upstream.ConnectCallback;
import dev.holdfast.upstream.Upstream;
import java.util.Optional;
import java.util.function.Function;
import org.xnio.XnioIoThread;

/**
 * Where requests go.
 *
 * @param name its label in logs and metrics
 * @param host its {@code Host} header, by that of the client
 * @param seal for a backend that wants to know which node a request comes from
 */
public record Backend(
    String name, Function<Optional<String>, String> host, Dialling dialling, Optional<Seal> seal) {
  /** Opens connections to it. */
  @FunctionalInterface
  public interface Dialling {
    /** Calls back on this thread, exactly once. */
    void connect(XnioIoThread thread, ConnectCallback callback);
  }

  /** Signs requests. */
  @FunctionalInterface
  public interface Seal {
    /** The signature of one request. */
    String of(SignedRequest signedRequest);
  }

  /** A backend that takes requests as they are. */
  public Backend(String name, Function<Optional<String>, String> host, Dialling dialling) {
    this(name, host, dialling, Optional.empty());
  }

  /** An upstream as a backend. */
  public static Backend of(Upstream upstream) {
    return new Backend(upstream.name(), upstream::hostFor, upstream::connect);
  }
}
