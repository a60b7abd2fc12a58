package dev.holdfast.sessions;

import dev.holdfast.cluster.SessionRecord;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * All sessions of this node that an upstream has accepted, including those that cannot be resumed.
 * Thread-safe.
 */
public final class LiveSessions {
  private final Set<SessionEntry> all = Collections.synchronizedSet(new LinkedHashSet<>());

  /** Adds a session. */
  public void entered(SessionEntry entry) {
    all.add(entry);
  }

  /** Removes a session. */
  public void left(SessionEntry entry) {
    all.remove(entry);
  }

  /** Returns the current sessions, oldest first. */
  private List<SessionEntry> now() {
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  /** Returns the number of sessions. */
  public int size() {
    return all.size();
  }

  /**
   * Hands sessions off to the nodes that their clients are connected to, as far as possible now; to
   * be called repeatedly.
   *
   * @param late whether to include sessions that are not quiet
   */
  public void handOff(boolean late) {
    now().forEach(each -> each.handOff(late));
  }

  /**
   * Returns the number of sessions linked to this upstream, including those that are switching to
   * another.
   */
  public int countAt(String upstream) {
    return Math.toIntExact(now().stream().filter(each -> each.isAt(upstream)).count());
  }

  /** Returns the sessions with matching records. */
  public List<SessionEntry> find(Predicate<SessionRecord> wanted) {
    return now().stream().filter(each -> each.record().filter(wanted).isPresent()).toList();
  }
}
