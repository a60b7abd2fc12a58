package dev.holdfast.proxy;

import dev.holdfast.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The open upgraded connections. Thread-safe. */
final class Tunnels {
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
  private final Settings limits;
  private final Runnable onOpened;
  private final Runnable onClosed;

  Tunnels(Settings limits, Runnable onOpened, Runnable onClosed) {
    this.limits = limits;
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

  Settings limits() {
    return limits;
  }

  /** Closes each tunnel on its own I/O thread, spread evenly over the window. */
  void closeAll(Duration window) {
    List<Tunnel> closing = List.copyOf(open);
    for (int i = 0; i < closing.size(); i++) {
      Tunnel tunnel = closing.get(i);
      long nanos = window.multipliedBy(i).dividedBy(closing.size()).toNanos();
      tunnel.io().thread().executeAfter(tunnel::close, nanos, TimeUnit.NANOSECONDS);
    }
  }
}
