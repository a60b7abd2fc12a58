package dev.holdfast.session;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Moves a session without fences, as {@link Overlap} does. Times are milliseconds. */
final class UnfencedSwitchover {
  private static final double TICK = 50;
  private static final double LAG = 1000;
  private static final double OVERLAP = 5 * LAG;

  private final SwitchoverTraffic traffic;
  private final Aligner aligner = new Aligner(Duration.ofMillis((long) LAG));
  private int ofOld;
  private int ofNext;
  private boolean linked;

  UnfencedSwitchover(SwitchoverTraffic traffic) {
    this.traffic = traffic;
  }

  /** The alignment that is taken at last, and when. */
  FencedSwitchover.Decision decide() {
    boolean joined = false;
    double now = Math.ceil(traffic.replied / TICK) * TICK;
    for (; now < traffic.replied + OVERLAP; now += TICK) {
      receive(now);
      if (!joined && now >= traffic.confirmed + LAG) {
        joined = true;
        aligner.joined(FencedSwitchover.nanos(now));
      }
      if (now >= traffic.confirmed + 2 * LAG) {
        Optional<Alignment> only = aligner.only(FencedSwitchover.nanos(now));
        if (only.isPresent()) {
          return new FencedSwitchover.Decision(only, now, 0);
        }
      }
    }
    receive(now);
    Alignment best = new Alignment(FencedSwitchover.nanos(now + LAG));
    aligner.alignBest(FencedSwitchover.nanos(now), best, Set.of());
    return new FencedSwitchover.Decision(Optional.of(best), now, 0);
  }

  private void receive(double now) {
    for (; traffic.old.arrival(ofOld) < now; ofOld++) {
      link(traffic.old.arrival(ofOld));
      aligner.old(
          traffic.events.fingerprint(traffic.old.event(ofOld)),
          FencedSwitchover.nanos(traffic.old.arrival(ofOld)));
    }
    link(now);
    for (; traffic.next.arrival(ofNext) < now; ofNext++) {
      aligner.next(
          traffic.events.fingerprint(traffic.next.event(ofNext)),
          FencedSwitchover.nanos(traffic.next.arrival(ofNext)));
    }
  }

  private void link(double now) {
    if (!linked && now >= SwitchoverTraffic.OPENED) {
      linked = true;
      aligner.linked();
    }
  }
}
