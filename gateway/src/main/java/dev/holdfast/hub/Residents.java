package dev.holdfast.hub;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.session.CloseReason;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a client can come back to, by the SHA-256 of their pids, and those among them
 * whose client is away, by user. Thread-safe.
 */
public final class Residents {
  /**
   * Hashes of pids of former sessions. They tell a late client from a stranger, and name the node
   * that took a session over, also while the registry is away.
   */
  private static final int REMEMBERED = 10_000;

  private final ParkedLimit parkedLimit;
  private final Roll roll = new Roll();
  private final ConcurrentHashMap<String, Resident> byPid = new ConcurrentHashMap<>();
  private final Map<String, Optional<NodeId>> former =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<NodeId>> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final Map<String, Set<Resident>> parkedByUser = new ConcurrentHashMap<>();
  private @Nullable Resident shedding;

  /** Keeps parked sessions within this limit. */
  public Residents(ParkedLimit parkedLimit) {
    this.parkedLimit = parkedLimit;
  }

  /** All sessions of this node. */
  public Roll roll() {
    return roll;
  }

  /** A session has given its client a pid. */
  public void given(String pid, Resident resident) {
    byPid.put(PidHash.of(pid), resident);
  }

  /** The session that gave this pid. */
  public Optional<Resident> find(String pid) {
    return Optional.ofNullable(byPid.get(PidHash.of(pid)));
  }

  /** Whether a pid was good for a session that is over now. */
  public boolean hasExpired(String pid) {
    synchronized (former) {
      Optional<NodeId> heir = former.get(PidHash.of(pid));
      return heir != null && heir.isEmpty();
    }
  }

  /** The node that has taken over the session that gave this pid. */
  public Optional<NodeId> heir(String pid) {
    synchronized (former) {
      return former.getOrDefault(PidHash.of(pid), Optional.empty());
    }
  }

  /** A pid is worth nothing any more. */
  public void taken(String pid) {
    gone(pid, Optional.empty());
  }

  /** Another node has taken over the session that gave this pid. */
  public void ceded(String pid, NodeId heir) {
    gone(pid, Optional.of(heir));
  }

  private void gone(String pid, Optional<NodeId> heir) {
    String hash = PidHash.of(pid);
    byPid.remove(hash);
    synchronized (former) {
      former.put(hash, heir);
    }
  }

  /** A session's client is away; the oldest of its user's others goes if there are too many. */
  public void parked(String user, Resident resident) {
    Deque<Resident> tooMany = new ArrayDeque<>();
    parkedByUser.compute(
        user,
        (key, old) -> {
          Set<Resident> all = old == null ? new LinkedHashSet<>(2) : new LinkedHashSet<>(old);
          all.add(resident);
          while (all.size() > parkedLimit.perUser()) {
            Resident oldest = all.iterator().next();
            all.remove(oldest);
            tooMany.add(oldest);
          }
          return all;
        });
    tooMany.forEach(
        oldest -> oldest.closeParked(CloseReason.PARKED_PER_USER, parkedLimit::exceeded));
  }

  /** A session's client is back, or the session is over. */
  public void unparked(String user, Resident resident) {
    parkedByUser.computeIfPresent(
        user,
        (key, old) -> {
          Set<Resident> all = new LinkedHashSet<>(old);
          all.remove(resident);
          return all.isEmpty() ? null : all;
        });
    synchronized (this) {
      if (resident.equals(shedding)) {
        shedding = null;
      }
    }
  }

  /** Memory is short: the parked session that keeps most of it ends. One at a time. */
  public synchronized void shed() {
    if (shedding != null) {
      return;
    }
    parkedByUser.values().stream()
        .flatMap(Set::stream)
        .max(Comparator.comparingLong(Resident::parkedBytes))
        .ifPresent(
            largest -> {
              shedding = largest;
              largest.closeParked(CloseReason.OUTBOX_MEMORY, () -> {});
            });
  }

  /**
   * Moves all sessions off an upstream that can be moved now. To be called again and again.
   *
   * @param late whether that goes for those, too, that are not quiet or whose client is away
   * @return sessions that are still there
   */
  public int move(String upstream, boolean late) {
    Set<Resident> there = new LinkedHashSet<>();
    for (Resident each : byPid.values()) {
      if (each.isAt(upstream)) {
        there.add(each);
      }
    }
    there.forEach(each -> each.move(upstream, late));
    return there.size();
  }

  /** Ends all that wait for their client: the node stops. */
  public void drain() {
    parkedByUser.values().stream()
        .flatMap(Set::stream)
        .forEach(resident -> resident.closeParked(CloseReason.DRAINED, () -> {}));
  }
}
