package dev.holdfast.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.xnio.XnioIoThread;
import org.xnio.ssl.XnioSsl;

/** Opens connections to one upstream. Thread-safe. */
record Dialer(URI uri, Addresses addresses, Optional<XnioSsl> tls, Duration timeout) {
  /** Calls back on this thread, exactly once. */
  void dial(XnioIoThread thread, Upstream.Connected callback) {
    Dial dial = new Dial(this, thread, callback);
    if (Thread.currentThread() == thread) {
      dial.start();
    } else {
      thread.execute(dial::start);
    }
  }
}
