package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.engineio.Sockets;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.time.EventLoop;
import java.time.Duration;

/** The drains of a node without HTTP besides Engine.IO. */
public final class NodeDrains {
  private final NodeDrain drain;
  private final UpstreamDrains upstreams;

  /** Drains on this event loop. */
  public NodeDrains(
      SessionService.Shared shared, Sockets sockets, Cluster cluster, EventLoop loop) {
    NodeDrain.Node node =
        new NodeDrain.Node(shared.admission(), sockets, shared.registry(), new NoRequests());
    drain = new NodeDrain(shared.settings(), node, cluster, loop);
    upstreams = new UpstreamDrains(shared, loop);
  }

  /** Empties the node, and then does this. */
  public void drain(Runnable then) {
    var unused = drain.begin().thenRun(then);
  }

  /** Moves all sessions off an upstream. */
  public void drainUpstream(String name) {
    var unused = upstreams.drain(name);
  }

  /** Lets sessions go there again. */
  public void undrainUpstream(String name) {
    upstreams.undrain(name);
  }

  private record NoRequests() implements NodeDrain.Requests {
    @Override
    public int active() {
      return 0;
    }

    @Override
    public int webSockets() {
      return 0;
    }

    @Override
    public void closeWebSockets(Duration window) {}

    @Override
    public void drain() {}
  }
}
