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
 * Whether the other nodes take connections where they are registered. Each is dialled soon after it
 * has joined, and then again and again until it is reached; it is named when that begins and when
 * it ends. Thread-safe.
 */
public final class Reachability implements Nodes.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

  /** Until a node that has joined is dialled, at the earliest; twice as long at the latest. */
  static final Duration FIRST = Duration.ofSeconds(1);

  /** Until a node that was not reached is dialled again; up to a quarter more or less. */
  static final Duration AGAIN = Duration.ofSeconds(10);

  /** No more nodes are tested at the same time. */
  static final int MOST = 1_000;

  /** So many are named in one text. */
  private static final int NAMED = 5;

  private final NodeId self;
  private final Timers clock;
  private final Trial trial;
  private final RandomGenerator random;
  private final Map<NodeId, Target> targets = new HashMap<>();
  private @Nullable InetSocketAddress own;

  /** How a node is tested. */
  public interface Trial {
    /**
     * Opens a connection to this unresolved address and closes it.
     *
     * @param found called once, with the error, or empty if the connection opened
     */
    void connect(InetSocketAddress where, Consumer<Optional<String>> found);
  }

  /**
   * A node that is registered and cannot be reached. Immutable.
   *
   * @param problem what went wrong, for people
   */
  public record Unreached(NodeId node, InetSocketAddress address, String problem) {
    /** All of it, and what decides it. */
    public String sentence() {
      String sentence =
          "node %s cannot be reached at %s (%s): look at the node.advertise of %s,"
              + " and at firewalls on the way";
      return sentence.formatted(node, Member.hostAndPort(address), problem, node);
    }
  }

  /** Nobody is known yet. */
  public Reachability(NodeId self, Timers clock, Trial trial, RandomGenerator random) {
    this.self = self;
    this.clock = clock;
    this.trial = trial;
    this.random = random;
  }

  /** What is wrong with an address at which this node is registered, too. */
  public static String taken(NodeId by) {
    return "node " + by + " is registered there, too";
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

  /** The nodes that cannot be reached now, in the order of their names. */
  public synchronized List<Unreached> unreached() {
    return targets.values().stream()
        .flatMap(each -> Optional.ofNullable(each.found).stream())
        .sorted(Comparator.comparing(each -> each.node().value()))
        .toList();
  }

  /** What is to be said of the nodes that cannot be reached; empty if there are none. */
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
      // A dial would reach this node, and say that all is well.
      found(target, Optional.of(taken(self)));
    } else {
      // A trial that fails here was none: another one comes, as after any that failed.
      ErrorBoundary boundary =
          new ErrorBoundary(
              "a trial", () -> found(target, Optional.of("internal error of this node")));
      boundary.run(() -> trial.connect(address, problem -> found(target, problem)));
    }
  }

  private synchronized void found(Target target, Optional<String> problem) {
    // Its node may have left, or have joined elsewhere, while it was dialled.
    if (target.equals(targets.get(target.node.id()))) {
      problem.ifPresentOrElse(target::failed, target::reached);
    }
  }

  /** One node that has not been reached yet. Confined to the lock. */
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
            "node {} is reached at {} now, after {} s",
            node.id(),
            Member.hostAndPort(node.address()),
            Duration.ofNanos(clock.nanoTime() - since).toSeconds());
      }
    }
  }
}
