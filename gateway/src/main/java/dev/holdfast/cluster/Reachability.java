package dev.holdfast.cluster;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether the other nodes accept connections at their registered addresses. Each node is
 * dialled soon after it has joined, and retried until it is reached. The first failure and the
 * recovery are logged. Thread-safe.
 */
public final class Reachability implements Nodes.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

  /** Minimum delay before a node that has joined is dialled; the maximum is twice that. */
  static final Duration FIRST = Duration.ofSeconds(1);

  /** Delay before a node that was not reached is dialled again, varied by a quarter. */
  static final Duration AGAIN = Duration.ofSeconds(10);

  /** Maximum number of nodes that are tested at the same time. */
  static final int MOST = 1_000;

  /** Maximum number of nodes named in one text. */
  private static final int NAMED = 5;

  private final NodeId self;
  private final Timers clock;
  private final Trial trial;
  private final RandomGenerator random;
  private final Map<NodeId, Target> targets = new HashMap<>();
  private @Nullable InetSocketAddress own;

  /** Tests a connection to a node. */
  public interface Trial {
    /**
     * Opens a connection to this unresolved address and closes it.
     *
     * @param found called once, with the error, or empty if the connection opened
     */
    void connect(InetSocketAddress where, Consumer<Optional<String>> found);
  }

  /**
   * A registered node that cannot be reached. Immutable.
   *
   * @param problem what went wrong, in plain text
   */
  public record Unreached(NodeId node, InetSocketAddress address, String problem) {
    /** Returns a description with a hint at the cause. */
    public String sentence() {
      String sentence =
          "node %s cannot be reached at %s (%s): check node.advertise of %s"
              + " and the firewalls in between";
      return sentence.formatted(node, Member.hostAndPort(address), problem, node);
    }
  }

  /** Creates an instance without nodes. */
  public Reachability(NodeId self, Timers clock, Trial trial, RandomGenerator random) {
    this.self = self;
    this.clock = clock;
    this.trial = trial;
    this.random = random;
  }

  /** Returns the problem of an address at which another node is registered, too. */
  public static String taken(NodeId by) {
    return "node " + by + " is registered at the same address";
  }

  @Override
  public synchronized void joined(Member node) {
    if (node.id().equals(self)) {
      own = node.address();
      return;
    }
    left(node);
    if (targets.size() < MOST) {
      Target target = new Target(node);
      targets.put(node.id(), target);
      target.after(FIRST.plus(part(FIRST)));
    }
  }

  @Override
  public synchronized void left(Member node) {
    Target target = targets.remove(node.id());
    if (target != null && target.timer != null) {
      target.timer.cancel();
    }
  }

  private Duration part(Duration most) {
    return Duration.ofNanos(random.nextLong(most.toNanos()));
  }

  /** Returns the nodes that currently cannot be reached, ordered by name. */
  public synchronized List<Unreached> unreached() {
    return targets.values().stream()
        .flatMap(each -> Optional.ofNullable(each.found).stream())
        .sorted(Comparator.comparing(each -> each.node().value()))
        .toList();
  }

  /** Returns a description of the nodes that cannot be reached; empty if there are none. */
  public Optional<String> state() {
    List<Unreached> all = unreached();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    String named =
        all.stream().limit(NAMED).map(Unreached::sentence).collect(Collectors.joining("; "));
    int more = all.size() - NAMED;
    return Optional.of(more > 0 ? named + "; and " + more + " more" : named);
  }

  private synchronized void dial(Target target) {
    target.timer = null;
    InetSocketAddress address = target.node.address();
    if (address.equals(own)) {
      // A dial would reach this node and succeed.
      found(target, Optional.of(taken(self)));
    } else {
      // An attempt that throws counts as failed and is retried.
      ErrorBoundary boundary =
          new ErrorBoundary(
              "a trial", () -> found(target, Optional.of("internal error of this node")));
      boundary.run(() -> trial.connect(address, problem -> found(target, problem)));
    }
  }

  private synchronized void found(Target target, Optional<String> problem) {
    // The node may have left, or joined at another address, during the dial.
    if (target.equals(targets.get(target.node.id()))) {
      problem.ifPresentOrElse(target::failed, target::reached);
    }
  }

  /** A node that has not been reached yet. Guarded by the lock. */
  private final class Target {
    private final Member node;
    private Timers.@Nullable ScheduledTask timer;
    private @Nullable Unreached found;
    private long since;

    Target(Member node) {
      this.node = node;
    }

    void after(Duration delay) {
      timer = clock.after(delay, () -> dial(this));
    }

    void failed(String problem) {
      boolean first = found == null;
      found = new Unreached(node.id(), node.address(), problem);
      if (first) {
        since = clock.nanoTime();
        LOG.warn("{}", found.sentence());
      }
      after(AGAIN.multipliedBy(3).dividedBy(4).plus(part(AGAIN.dividedBy(2))));
    }

    void reached() {
      targets.remove(node.id());
      if (found != null) {
        LOG.info(
            "node {} is reachable again at {} after {} s",
            node.id(),
            Member.hostAndPort(node.address()),
            Duration.ofNanos(clock.nanoTime() - since).toSeconds());
      }
    }
  }
}
