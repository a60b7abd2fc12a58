package dev.holdfast.upstream;

import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.xnio.XnioIoThread;

/**
 * Opens connections to one upstream; with {@code tls} for {@code https}. Thread-safe.
 *
 * @param onError called when a connection was ended by what its user here has thrown
 */
record Dialer(
    URI uri,
    Addresses addresses,
    Optional<UndertowXnioSsl> tls,
    Duration timeout,
    Runnable onError) {
  /** Calls back on this thread, exactly once. */
  void dial(XnioIoThread thread, Upstream.Connected callback) {
    Dial dial = new Dial(this, thread, callback);
    if (thread.equals(Thread.currentThread())) {
      dial.start();
    } else {
      thread.execute(dial::start);
    }
  }
}
