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
public final class Roll {
  private final Set<Resident> all = Collections.synchronizedSet(new LinkedHashSet<>());

  /** A session begins. */
  public void entered(Resident resident) {
    all.add(resident);
  }

  /** A session is over. */
  public void left(Resident resident) {
    all.remove(resident);
  }

  /** Those of this moment, in the order in which they began. */
  private List<Resident> now() {
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
  public void cede(boolean late) {
    now().forEach(each -> each.cede(late));
  }

  /** How many have a link to this upstream, also while they are on their way to another. */
  public int countAt(String upstream) {
    return Math.toIntExact(now().stream().filter(each -> each.isAt(upstream)).count());
  }

  /** Those whose record is like that. */
  public List<Resident> find(Predicate<SessionRecord> wanted) {
    return now().stream().filter(each -> each.record().filter(wanted).isPresent()).toList();
  }
}
