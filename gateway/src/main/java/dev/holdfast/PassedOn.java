package dev.holdfast;

import dev.holdfast.proxy.NodeProxy;
import dev.holdfast.proxy.Proxy;
import java.time.Duration;

/** The requests that this node forwards. */
record PassedOn(Proxy proxy, NodeProxy others) implements NodeDrain.Requests {
  @Override
  public int active() {
    return proxy.active() + others.active();
  }

  @Override
  public int webSockets() {
    return others.webSockets();
  }

  @Override
  public void closeWebSockets(Duration window) {
    others.closeWebSockets(window);
  }

  @Override
  public void drain() {
    proxy.drain();
    others.drain();
  }
}
