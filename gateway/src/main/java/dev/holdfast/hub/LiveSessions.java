package dev.holdfast.hub;

import dev.holdfast.cluster.SessionRecord;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * All sessions of this node that an upstream has let in, also those that nobody can come back to.
 * Thread-safe.
 */
public final class LiveSessions {
  private final Set<SessionEntry> all = Collections.synchronizedSet(new LinkedHashSet<>());

  /** A session begins. */
  public void entered(SessionEntry entry) {
    all.add(entry);
  }

  /** A session is over. */
  public void left(SessionEntry entry) {
    all.remove(entry);
  }

  /** Those of this moment, in the order in which they began. */
  private List<SessionEntry> now() {
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  /** How many there are. */
  public int size() {
    return all.size();
  }

  /**
   * Gives those that can be given now to the nodes that their clients are on. To be called again
   * and again.
   *
   * @param late whether that goes for those, too, that are not quiet
   */
  public void handOff(boolean late) {
    now().forEach(each -> each.handOff(late));
  }

  /** How many have a link to this upstream, also while they are on their way to another. */
  public int countAt(String upstream) {
    return Math.toIntExact(now().stream().filter(each -> each.isAt(upstream)).count());
  }

  /** Those whose record is like that. */
  public List<SessionEntry> find(Predicate<SessionRecord> wanted) {
    return now().stream().filter(each -> each.record().filter(wanted).isPresent()).toList();
  }
}
