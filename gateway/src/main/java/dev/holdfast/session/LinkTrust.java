package dev.holdfast.session;

import dev.holdfast.time.Timers;
import java.time.Duration;

/**
 * Whether a session deserves another link: one whose links break again and again, soon after they
 * were opened and for what was said on them, is itself the cause. So is one whose client can be
 * given no whole stream any more. Confined to its session.
 */
final class LinkTrust {
  /** Links in a row that may end so. */
  private static final int MAX = 3;

  /** A link that lasted longer has not ended for what was said at its start. */
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
    // After a message that cannot be delivered, the next link would hide the hole.
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
