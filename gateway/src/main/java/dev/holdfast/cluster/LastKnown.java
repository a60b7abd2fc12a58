package dev.holdfast.cluster;

import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where nodes were reached that are not registered any more. One that has only lost the registry,
 * or stood still for a while, still has its sessions: it is gone only when it refuses, or has
 * neither been registered nor answered for a time. Thread-safe.
 */
public final class LastKnown implements Nodes.Listener {
  /** More nodes are not remembered; the one that left first is forgotten. */
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
   * Nobody is known yet.
   *
   * @param kept how long an address is remembered
   * @param giveUp how long a node may be neither registered nor answer
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
    // Known since it was leaving: at no moment is a node neither registered nor known.
  }

  /** A node that is not registered now, but was, as its last registration states it. */
  public synchronized Optional<Member> find(NodeId node) {
    return Optional.ofNullable(absent.get(node))
        .filter(each -> clock.nanoTime() - each.since() <= kept)
        .map(Absent::node);
  }

  /** A node has answered. */
  public synchronized void answered(NodeId node) {
    absent.computeIfPresent(
        node, (id, each) -> new Absent(each.node(), each.since(), clock.nanoTime()));
  }

  /** Whether a node that does not answer now is gone. */
  public synchronized boolean isGivenUp(NodeId node) {
    Absent known = absent.get(node);
    return known != null && clock.nanoTime() - known.answered() >= giveUp;
  }
}
