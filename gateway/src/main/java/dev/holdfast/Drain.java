package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.edge.Sockets;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.Residents;
import dev.holdfast.proxy.NodeProxy;
import dev.holdfast.proxy.Proxy;
import dev.holdfast.time.Deadline;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties this node without haste, bounded in time. Clients come back by way of other nodes, which
 * take their sessions over: those that are quiet at once, the others while there is still time.
 * Sessions whose client is away wait for it. Runs on the caller's thread.
 */
final class Drain implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  /** Between two closes, unless there are so many that half the time would not do. */
  private static final Duration PACE = Duration.ofMillis(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** Between two looks for sessions that can be given away. */
  private static final Duration CEDE_AGAIN = Duration.ofMillis(250);

  /** What is on this node. */
  record Node(
      Admission admission, Sockets sockets, Residents residents, Proxy proxy, NodeProxy passedOn) {
    private int sessions() {
      return residents.roll().size();
    }

    private int requests() {
      return proxy.active() + passedOn.active();
    }

    private boolean isEmpty() {
      return sockets.size() + sessions() + requests() == 0;
    }
  }

  private final Settings settings;
  private final Node node;
  private final Cluster cluster;

  Drain(Settings settings, Node node, Cluster cluster) {
    this.settings = settings;
    this.node = node;
    this.cluster = cluster;
  }

  @Override
  public void run() {
    Deadline deadline = Deadline.in(settings.drainTimeout());
    node.admission().drain();
    cluster.draining();
    LOG.info("draining: {} sessions and {} requests are here", node.sessions(), node.requests());
    try {
      closeTransports();
      handOver(deadline);
      node.admission().close();
      node.residents().drain();
      node.sockets().drainRest();
      node.proxy().drain();
      node.passedOn().drain();
      // Those whose upgrade was on its way when the others were closed.
      node.passedOn().closeWebSockets(Duration.ZERO);
      while (!node.isEmpty() && !deadline.isOver()) {
        // Those that are parked since their transport was closed.
        node.residents().drain();
        deadline.pause(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("drained: {} sessions and {} requests were cut", node.sessions(), node.requests());
  }

  private void closeTransports() {
    Duration half = settings.drainTimeout().dividedBy(2);
    Duration paced = PACE.multipliedBy(node.sockets().clients() + node.passedOn().webSockets());
    Duration window = paced.compareTo(half) < 0 ? paced : half;
    node.sockets().drain(window);
    node.passedOn().closeWebSockets(window);
  }

  private void handOver(Deadline deadline) throws InterruptedException {
    while (!deadline.isOver() && (node.sockets().clients() > 0 || isWaitedFor())) {
      cede(deadline);
      deadline.pause(CEDE_AGAIN);
    }
    if (node.sessions() > 0) {
      LOG.info("{} sessions have not found another node", node.sessions());
    }
  }

  /** Whether other nodes may still take something over, or have not let go of it. */
  private boolean isWaitedFor() {
    return node.sockets().size() + node.sessions() > 0 && otherNodeIsThere();
  }

  private void cede(Deadline deadline) {
    Settings.Relink relink = settings.relink();
    Duration turns = Duration.ofSeconds(node.sessions() / relink.perSecond());
    boolean late = deadline.left().compareTo(relink.overlap().multipliedBy(2).plus(turns)) <= 0;
    node.residents().roll().cede(late);
  }

  private boolean otherNodeIsThere() {
    NodeId self = cluster.peers().self();
    return cluster.nodes().all().stream().anyMatch(it -> !it.id().equals(self) && !it.draining());
  }
}
