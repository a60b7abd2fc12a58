package dev.holdfast.proxy;

import dev.holdfast.upstream.Upstream;
import org.xnio.XnioIoThread;

/**
 * Where requests go.
 *
 * @param name its label in logs and metrics
 * @param host its {@code Host} header
 */
public record Backend(String name, String host, Dialling dialling) {
  /** Opens connections to it. */
  @FunctionalInterface
  public interface Dialling {
    /** Calls back on this thread, exactly once. */
    void connect(XnioIoThread thread, Upstream.Connected callback);
  }

  /** An upstream as a backend. */
  public static Backend of(Upstream upstream) {
    return new Backend(upstream.name(), upstream.hostHeader(), upstream::connect);
  }
}
