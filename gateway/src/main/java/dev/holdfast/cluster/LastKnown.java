package dev.holdfast.cluster;

import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers the addresses of nodes that are no longer registered. Such a node still has its
 * sessions if it only lost the registry or was paused. It is considered gone when it refuses
 * connections, or has neither been registered nor responded for some time. Thread-safe.
 */
public final class LastKnown implements Nodes.Listener {
  /** Maximum number of nodes remembered; the one that left first is dropped. */
  static final int MOST = 1_000;

  private record Absent(Member node, long since, long answered) {}

  private final Map<NodeId, Absent> absent =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Absent> eldest) {
          return size() > MOST;
        }
      };
  private final Timers clock;
  private final long kept;
  private final long giveUp;

  /**
   * Creates an empty instance.
   *
   * @param kept how long an address is remembered
   * @param giveUp how long a node may be neither registered nor respond
   */
  public LastKnown(Timers clock, Duration kept, Duration giveUp) {
    this.clock = clock;
    this.kept = kept.toNanos();
    this.giveUp = giveUp.toNanos();
  }

  @Override
  public synchronized void joined(Member node) {
    absent.remove(node.id());
  }

  @Override
  public synchronized void leaving(Member node) {
    long now = clock.nanoTime();
    absent.values().removeIf(each -> now - each.since() > kept);
    absent.put(node.id(), new Absent(node, now, now));
  }

  @Override
  public void left(Member node) {
    // Added in leaving(), so that the node is always either registered or remembered.
  }

  /** Returns a node that was registered but no longer is, as its last registration describes it. */
  public synchronized Optional<Member> find(NodeId node) {
    return Optional.ofNullable(absent.get(node))
        .filter(each -> clock.nanoTime() - each.since() <= kept)
        .map(Absent::node);
  }

  /** Records that a node has responded. */
  public synchronized void answered(NodeId node) {
    absent.computeIfPresent(
        node, (id, each) -> new Absent(each.node(), each.since(), clock.nanoTime()));
  }

  /** Returns whether a node that does not respond is considered gone. */
  public synchronized boolean isGivenUp(NodeId node) {
    Absent known = absent.get(node);
    return known != null && clock.nanoTime() - known.answered() >= giveUp;
  }
}
