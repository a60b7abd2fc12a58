package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.edge.Sockets;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.SessionRegistry;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties this node without haste, bounded in time. Clients come back by way of other nodes, which
 * take their sessions over: those that are quiet at once, the others while there is still time.
 * Sessions whose client is away wait for it. Confined to its event loop.
 */
final class NodeDrain {
  private static final Logger LOG = LoggerFactory.getLogger(NodeDrain.class);

  /** Between two closes, unless there are so many that half the time would not do. */
  private static final Duration PACE = Duration.ofMillis(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** Between two looks for sessions that can be given away. */
  private static final Duration HAND_OFF_AGAIN = Duration.ofMillis(250);

  /** The requests that are passed on for clients, to upstreams and to other nodes. */
  interface Requests {
    /** How many there are. */
    int active();

    /** How many WebSockets of other nodes' sessions there are. */
    int webSockets();

    /** Closes these WebSockets, spread evenly over the window. */
    void closeWebSockets(Duration window);

    /** From now on connections are closed behind their response. */
    void drain();
  }

  /** What is on this node. */
  record Node(Admission admission, Sockets sockets, SessionRegistry registry, Requests requests) {
    private int sessions() {
      return registry.liveSessions().size();
    }

    private boolean isEmpty() {
      return sockets.size() + sessions() + requests.active() == 0;
    }
  }

  private final Settings settings;
  private final Node node;
  private final Cluster cluster;
  private final EventLoop loop;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final ErrorBoundary boundary = ErrorBoundary.lasting("the drain", this::goOn);
  private Runnable step = this::start;
  private long deadline;
  private boolean begun;

  NodeDrain(Settings settings, Node node, Cluster cluster, EventLoop loop) {
    this.settings = settings;
    this.node = node;
    this.cluster = cluster;
    this.loop = loop;
  }

  /** Begins, unless it has begun already; completed when nothing is left, or the time is over. */
  CompletableFuture<Void> begin() {
    try {
      loop.execute(boundary.guard(this::start));
    } catch (RejectedExecutionException e) {
      LOG.debug("the node has stopped already");
      done.complete(null);
    }
    return done;
  }

  private void start() {
    if (begun) {
      return;
    }
    deadline = loop.nanoTime() + settings.get(ProcessKeys.DRAIN_TIMEOUT).toNanos();
    begun = true;
    node.admission().drain();
    announce();
  }

  private void announce() {
    step = this::announce;
    cluster.draining();
    LOG.info(
        "draining: {} sessions and {} requests are here",
        node.sessions(),
        node.requests().active());
    closeTransports();
  }

  private void closeTransports() {
    step = this::closeTransports;
    Duration half = settings.get(ProcessKeys.DRAIN_TIMEOUT).dividedBy(2);
    Duration paced = PACE.multipliedBy(node.sockets().clients() + node.requests().webSockets());
    Duration window = paced.compareTo(half) < 0 ? paced : half;
    node.sockets().drain(window);
    node.requests().closeWebSockets(window);
    awaitHandoffs();
  }

  private long left() {
    return Math.max(0, deadline - loop.nanoTime());
  }

  private void again(Duration pause, Runnable next) {
    step = next;
    long nanos = begun ? Math.min(pause.toNanos(), left()) : pause.toNanos();
    loop.after(Duration.ofNanos(nanos), boundary.guard(next));
  }

  /** After an error the same step is tried again for as long as there is time. */
  private void goOn() {
    if (!begun || left() > 0) {
      again(HAND_OFF_AGAIN, step);
    } else {
      done.complete(null);
    }
  }

  private void awaitHandoffs() {
    step = this::awaitHandoffs;
    if (left() > 0 && (node.sockets().clients() > 0 || isWaitedFor())) {
      handOff();
      again(HAND_OFF_AGAIN, this::awaitHandoffs);
      return;
    }
    if (node.sessions() > 0) {
      LOG.info("{} sessions have not found another node", node.sessions());
    }
    node.admission().close();
    node.sockets().drainRest();
    node.requests().drain();
    // Those whose upgrade was on its way when the others were closed.
    node.requests().closeWebSockets(Duration.ZERO);
    awaitEnd();
  }

  private void awaitEnd() {
    // Also those that are parked since their transport was closed.
    node.registry().drain();
    if (!node.isEmpty() && left() > 0) {
      again(LOOK_AGAIN, this::awaitEnd);
      return;
    }
    LOG.info(
        "drained: {} sessions and {} requests were cut", node.sessions(), node.requests().active());
    done.complete(null);
  }

  /**
   * Whether other nodes may still take something over, or have not let go of it: those do, whether
   * or not they are registered.
   */
  private boolean isWaitedFor() {
    return node.sockets().size() > 0 || (node.sessions() > 0 && otherNodeIsThere());
  }

  private void handOff() {
    Duration turns = Duration.ofSeconds(node.sessions() / settings.get(RelinkKeys.RATE));
    boolean late =
        left()
            <= SessionSetup.Limits.lags(settings.get(RelinkKeys.LAG))
                .multipliedBy(2)
                .plus(turns)
                .toNanos();
    node.registry().liveSessions().handOff(late);
  }

  private boolean otherNodeIsThere() {
    NodeId self = cluster.peers().self();
    return cluster.nodes().all().stream().anyMatch(it -> !it.id().equals(self) && !it.draining());
  }
}
