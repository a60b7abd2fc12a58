package dev.holdfast.proxy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that switched their protocol and are open now. Thread-safe. */
final class Tunnels {
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
  private final Duration idleTimeout;
  private final Runnable onOpened;
  private final Runnable onClosed;

  Tunnels(Duration idleTimeout, Runnable onOpened, Runnable onClosed) {
    this.idleTimeout = idleTimeout;
    this.onOpened = onOpened;
    this.onClosed = onClosed;
  }

  void opened(Tunnel tunnel) {
    open.add(tunnel);
    onOpened.run();
  }

  void closed(Tunnel tunnel) {
    if (open.remove(tunnel)) {
      onClosed.run();
    }
  }

  int count() {
    return open.size();
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  /** Closes each on its own I/O thread. */
  void closeAll() {
    for (Tunnel tunnel : open) {
      tunnel.io().thread().execute(tunnel::close);
    }
  }
}
