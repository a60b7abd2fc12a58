package dev.holdfast.upstream;

import org.xnio.StreamConnection;

/** What comes of an attempt to connect to an upstream or to another node. */
public interface ConnectCallback {
  /** The connection is open, TLS included, and belongs to the callee. */
  void connected(StreamConnection connection);

  /** There is none, or {@link #connected} has thrown, so that it is closed. */
  void failed(DialFailure failure);
}
