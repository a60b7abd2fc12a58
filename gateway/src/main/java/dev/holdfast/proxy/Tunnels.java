package dev.holdfast.proxy;

import dev.holdfast.metrics.Metrics;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that switched their protocol and are open now. Thread-safe. */
final class Tunnels {
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
  private final Metrics metrics;
  private final Duration idleTimeout;

  Tunnels(Metrics metrics, Duration idleTimeout) {
    this.metrics = metrics;
    this.idleTimeout = idleTimeout;
  }

  void opened(Tunnel tunnel) {
    open.add(tunnel);
    metrics.passThroughOpened();
  }

  void closed(Tunnel tunnel) {
    if (open.remove(tunnel)) {
      metrics.passThroughClosed();
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
