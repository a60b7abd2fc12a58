package dev.holdfast.session;

import dev.holdfast.time.Timers;
import java.time.Duration;

/**
 * Decides whether a session may open another link. A session is itself the cause if its links break
 * repeatedly, soon after they were opened, because of its packets. Nor does a session get a link if
 * its client cannot receive a complete stream any more. Confined to its session.
 */
final class LinkTrust {
  /** Maximum number of consecutive links that may end like this. */
  private static final int MAX = 3;

  /** The end of a link that lasted longer was not caused by its first packets. */
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Timers timers;
  private long linkedAt;
  private int blamed;
  private boolean ended;

  LinkTrust(Timers timers) {
    this.timers = timers;
  }

  void linked() {
    linkedAt = timers.nanoTime();
  }

  void lost(CloseReason reason) {
    // After a message that cannot be delivered, the next link would hide the gap.
    ended |= reason == CloseReason.INTERNAL || reason == CloseReason.UPSTREAM_MESSAGE;
    boolean forItsWords =
        reason == CloseReason.UPSTREAM_BLAMED || reason == CloseReason.UPSTREAM_PROTOCOL;
    boolean soon = timers.nanoTime() - linkedAt < SOON.toNanos();
    if (forItsWords) {
      blamed = soon ? blamed + 1 : 1;
    }
  }

  boolean deservesAnother() {
    return blamed <= MAX && !ended;
  }
}
