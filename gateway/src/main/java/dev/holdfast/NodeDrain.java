package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.Sockets;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.sessions.SessionRegistry;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains this node gracefully within a time limit. Clients reconnect through other nodes, which
 * take over their sessions: quiet ones at once, the others while time remains. Parked sessions wait
 * for their clients. Confined to its event loop.
 */
final class NodeDrain {
  private static final Logger LOG = LoggerFactory.getLogger(NodeDrain.class);

  /**
   * Interval between closes; shorter if there are so many that half of the time would not suffice.
   */
  private static final Duration PACE = Duration.ofMillis(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** Interval between scans for sessions that can be handed off. */
  private static final Duration HAND_OFF_AGAIN = Duration.ofMillis(250);

  /** The requests being forwarded for clients, to upstreams and to other nodes. */
  interface Requests {
    /** Returns the number of requests. */
    int active();

    /** Returns the number of WebSockets of other nodes' sessions. */
    int webSockets();

    /** Closes these WebSockets, spread evenly over the window. */
    void closeWebSockets(Duration window);

    /** Closes connections after their current response from now on. */
    void drain();
  }

  /** The parts of the node to drain. */
  record Node(Admission admission, Sockets sockets, SessionRegistry registry, Requests requests) {
    private int sessions() {
      return registry.size();
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

  /**
   * Starts the drain unless it has started. The future completes when nothing is left or the time
   * is over.
   */
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

  /** Retries the same step after an error, as long as time remains. */
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
    // Includes WebSockets whose upgrade was in progress when the others were closed.
    node.requests().closeWebSockets(Duration.ZERO);
    awaitEnd();
  }

  private void awaitEnd() {
    // Includes sessions that were parked when their transport was closed.
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
   * Returns whether other nodes may still take over sessions, or hold connections to this node,
   * whether registered or not.
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
    node.registry().handOff(late);
  }

  private boolean otherNodeIsThere() {
    NodeId self = cluster.peers().self();
    return cluster.nodes().all().stream().anyMatch(it -> !it.id().equals(self) && !it.draining());
  }
}
