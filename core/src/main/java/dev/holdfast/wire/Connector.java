package dev.holdfast.wire;

import org.xnio.XnioIoThread;

/** Opens connections to one target, TLS included. Thread-safe. */
@FunctionalInterface
public interface Connector {
  /** Opens a connection; invokes the callback on this thread exactly once. */
  void connect(XnioIoThread thread, ConnectCallback callback);
}
