package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.SteadyClock;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of this node, the resumable ones by the SHA-256 of their pids, and the parked ones
 * among them. Thread-safe.
 */
public final class SessionRegistry {
  /**
   * Maximum number of remembered pid hashes of former sessions. They distinguish a late client from
   * a stranger, and name the node that took a session over, even while the registry is unavailable.
   */
  private static final int REMEMBERED = 10_000;

  private final ParkedLimit parkedLimit;

  /** Sessions that an upstream has accepted, oldest first, whether they can be resumed or not. */
  private final Set<SessionEntry> live = Collections.synchronizedSet(new LinkedHashSet<>());

  private final TokenSessions tokens = new TokenSessions(SteadyClock::nanoTime);
  private final ConcurrentHashMap<String, SessionEntry> byPid = new ConcurrentHashMap<>();
  private final Map<String, Optional<NodeId>> former =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<NodeId>> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final Pool places;
  private final Map<SessionEntry, Parked> parked = new ConcurrentHashMap<>();

  /** Parked sessions of verified users, longest parked first. */
  private final Map<String, Set<SessionEntry>> parkedByUser = new ConcurrentHashMap<>();

  private @Nullable SessionEntry shedding;

  /**
   * What a parked session counts for.
   *
   * @param place empty if there was none, so that the session is being ended
   */
  private record Parked(Optional<Holding> place, Optional<String> verifiedUser) {}

  /**
   * Creates a registry that keeps parked sessions within limits.
   *
   * @param parkedLimit applies to each verified user
   * @param places one for each parked session
   */
  public SessionRegistry(ParkedLimit parkedLimit, Pool places) {
    this.parkedLimit = parkedLimit;
    this.places = places;
  }

  /** Adds a session that an upstream has accepted. */
  public void entered(SessionEntry entry) {
    live.add(entry);
  }

  /** Removes a session that has ended. */
  public void left(SessionEntry entry) {
    live.remove(entry);
  }

  private List<SessionEntry> live() {
    synchronized (live) {
      return List.copyOf(live);
    }
  }

  /** Returns the number of sessions that an upstream has accepted. */
  public int size() {
    return live.size();
  }

  /** Returns the number of sessions on an upstream, including those that are about to leave it. */
  public int countAt(String upstream) {
    return Math.toIntExact(live().stream().filter(each -> each.isAt(upstream)).count());
  }

  /** Returns the sessions with matching records, oldest first. */
  public List<SessionEntry> find(Predicate<SessionRecord> wanted) {
    return live().stream().filter(each -> each.record().filter(wanted).isPresent()).toList();
  }

  /** Returns all sessions of this node by token. */
  public TokenSessions tokens() {
    return tokens;
  }

  /** Registers a session under a new pid. */
  public void given(String pid, SessionEntry entry) {
    byPid.put(PidHash.of(pid), entry);
  }

  /** Returns the session with this pid. */
  public Optional<SessionEntry> find(String pid) {
    return Optional.ofNullable(byPid.get(PidHash.of(pid)));
  }

  /** Returns whether the pid belonged to a session that has ended. */
  public boolean hasExpired(String pid) {
    synchronized (former) {
      Optional<NodeId> successor = former.get(PidHash.of(pid));
      return successor != null && successor.isEmpty();
    }
  }

  /** Returns the node that has taken over the session with this pid. */
  public Optional<NodeId> successor(String pid) {
    synchronized (former) {
      return former.getOrDefault(PidHash.of(pid), Optional.empty());
    }
  }

  /** Invalidates a pid. */
  public void taken(String pid) {
    gone(pid, Optional.empty());
  }

  /** Records that another node has taken over the session with this pid. */
  public void handedOff(String pid, NodeId successor) {
    gone(pid, Optional.of(successor));
  }

  private void gone(String pid, Optional<NodeId> successor) {
    String hash = PidHash.of(pid);
    byPid.remove(hash);
    synchronized (former) {
      former.put(hash, successor);
    }
  }

  /**
   * Parks a session whose client has disconnected. If its user is verified and has too many parked
   * sessions, the user's oldest one ends; unverified clients cannot end sessions of others.
   *
   * @param address whose share it counts for without a verified user
   */
  public void parked(Optional<String> verifiedUser, Peer address, SessionEntry entry) {
    Peer peer = verifiedUser.map(Peer::ofUser).orElse(address);
    Runnable cut = () -> entry.closeParked(CloseReason.PARKED_SHARE, () -> {});
    Optional<Holding> place = places.take(peer, 1, cut);
    parked.put(entry, new Parked(place, verifiedUser));
    if (place.isEmpty()) {
      cut.run();
    }
    verifiedUser.ifPresent(user -> parkedOf(user, entry));
  }

  private void parkedOf(String user, SessionEntry entry) {
    Deque<SessionEntry> tooMany = new ArrayDeque<>();
    parkedByUser.compute(
        user,
        (key, old) -> {
          Set<SessionEntry> all = old == null ? new LinkedHashSet<>(2) : new LinkedHashSet<>(old);
          all.add(entry);
          while (all.size() > parkedLimit.perUser()) {
            SessionEntry oldest = all.iterator().next();
            all.remove(oldest);
            tooMany.add(oldest);
          }
          return all;
        });
    tooMany.forEach(
        oldest -> oldest.closeParked(CloseReason.PARKED_PER_USER, parkedLimit::exceeded));
  }

  /** Called when the client of a parked session has returned or the session has ended. */
  public void unparked(SessionEntry entry) {
    Parked former = parked.remove(entry);
    if (former != null) {
      former.verifiedUser().ifPresent(user -> unparkedOf(user, entry));
      former.place().ifPresent(Holding::release);
    }
    synchronized (this) {
      if (entry.equals(shedding)) {
        shedding = null;
      }
    }
  }

  private void unparkedOf(String user, SessionEntry entry) {
    parkedByUser.computeIfPresent(
        user,
        (key, old) -> {
          Set<SessionEntry> all = new LinkedHashSet<>(old);
          all.remove(entry);
          return all.isEmpty() ? null : all;
        });
  }

  /**
   * Ends the parked session that retains the most memory, because memory is short; one at a time.
   */
  public synchronized void shed() {
    if (shedding != null) {
      return;
    }
    parked.keySet().stream()
        .max(Comparator.comparingLong(SessionEntry::parkedBytes))
        .ifPresent(
            largest -> {
              shedding = largest;
              largest.closeParked(CloseReason.OUTBOX_MEMORY, () -> {});
            });
  }

  /**
   * Hands sessions off to the nodes that their clients are connected to, as far as possible now; to
   * be called repeatedly.
   *
   * @param late whether to include sessions that are not quiet
   */
  public void handOff(boolean late) {
    live().forEach(each -> each.handOff(late));
  }

  /**
   * Moves sessions off an upstream, as far as possible now; to be called repeatedly.
   *
   * @param late whether to include sessions that are not quiet or whose client is disconnected
   * @return number of sessions that are still there
   */
  public int move(String upstream, boolean late) {
    Set<SessionEntry> there = new LinkedHashSet<>();
    for (SessionEntry each : byPid.values()) {
      if (each.isAt(upstream)) {
        there.add(each);
      }
    }
    there.forEach(each -> each.move(upstream, late));
    return there.size();
  }

  /** Ends all parked sessions, because the node is stopping. */
  public void drain() {
    parked.keySet().forEach(each -> each.closeParked(CloseReason.DRAINED, () -> {}));
  }
}
