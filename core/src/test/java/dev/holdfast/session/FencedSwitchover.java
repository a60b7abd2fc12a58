package dev.holdfast.session;

import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.session.SwitchoverTraffic.Fence;
import dev.holdfast.session.SwitchoverTraffic.Mark;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/** Moves a session by fences, which it sends as {@link Fences} does. Times are milliseconds. */
final class FencedSwitchover {
  private static final double TICK = 50;
  private static final double LAG = 1000;
  private static final double PACE = 100;
  private static final double SLOW_PACE = Fences.SLOW_PACE.toMillis();
  private static final double JOINING = Fences.JOINING.toMillis();
  private static final double OVERLAP = 20_000;

  /** A link that will show a fence. */
  private record Shown(long fence, Link link, boolean isAnswer, Mark mark) {}

  private enum Proof {
    PAGE_AWAITED,
    OVER_NEXT,
    JOINING,
    OVER_OLD,
    DONE
  }

  /** What is decided; no alignment if there is none in time. */
  record Decision(Optional<Alignment> alignment, double at, int fences) {}

  private final SwitchoverTraffic traffic;
  private final FencedAligner aligner = new FencedAligner();
  private final PriorityQueue<Shown> awaited =
      new PriorityQueue<>(Comparator.comparingDouble((Shown each) -> each.mark.at()));
  private int ofOld;
  private int ofNext;
  private int fences;
  private double sentOverOld;
  private double sentOverNext;
  private boolean changed;
  private Proof proof = Proof.PAGE_AWAITED;
  private long proofNumber;
  private double proofAt;

  FencedSwitchover(SwitchoverTraffic traffic) {
    this.traffic = traffic;
  }

  Decision decide() {
    double now = Math.ceil(traffic.replied / TICK) * TICK;
    for (; now < Math.min(traffic.until, traffic.replied + OVERLAP); now += TICK) {
      receive(now);
      prove(now);
      if (!aligner.isEmpty() && now - traffic.confirmed >= LAG / 2) {
        pace(Link.OLD, now, sentOverOld);
        pace(Link.NEXT, now, sentOverNext);
      }
      if (changed && aligner.isJoined()) {
        changed = false;
        Optional<Alignment> certain = aligner.certain(nanos(now + OVERLAP));
        if (certain.isPresent()) {
          return new Decision(certain, now, fences);
        }
      }
    }
    return new Decision(Optional.empty(), now, fences);
  }

  /** Takes what the links bring before that time. */
  private void receive(double now) {
    while (true) {
      double old = traffic.old.arrival(ofOld);
      double next = traffic.next.arrival(ofNext);
      Shown shown = awaited.peek();
      if (shown != null && shown.mark.at() <= Math.min(old, next) && shown.mark.at() < now) {
        show(shown);
      } else if (Math.min(old, next) >= now) {
        return;
      } else {
        bring(old <= next ? Link.OLD : Link.NEXT);
      }
    }
  }

  private void bring(Link link) {
    int number = link == Link.OLD ? ofOld++ : ofNext++;
    aligner.brought(link, traffic.events.fingerprint(traffic.link(link).event(number)));
  }

  /** Shows a fence behind all that stands before it. */
  private void show(Shown shown) {
    if (aligner.brought(shown.link) < shown.mark.place()) {
      bring(shown.link);
      return;
    }
    awaited.remove();
    boolean isOverOld = shown.isAnswer == (shown.link == Link.OLD);
    Link over = isOverOld ? Link.OLD : Link.NEXT;
    aligner.seen(shown.link, shown.fence, over, nanos(shown.mark.at()));
    changed |= aligner.isComplete(shown.fence);
  }

  private void prove(double now) {
    if (proof == Proof.PAGE_AWAITED && now - traffic.confirmed >= LAG) {
      proofNumber = send(Link.NEXT, now);
      proof = Proof.OVER_NEXT;
    } else if (proof == Proof.OVER_NEXT && aligner.isComplete(proofNumber)) {
      proof = Proof.JOINING;
      proofAt = now;
    } else if (proof == Proof.JOINING && now - proofAt >= JOINING) {
      proofNumber = send(Link.OLD, now);
      proof = Proof.OVER_OLD;
    } else if (proof == Proof.OVER_OLD && aligner.isComplete(proofNumber)) {
      proof = Proof.DONE;
      aligner.joined(true);
      changed = true;
    }
  }

  private void pace(Link over, double now, double last) {
    int open = aligner.open(over);
    if (open < Fences.MAX_OPEN && now - last >= (open < Fences.FEW ? PACE : SLOW_PACE)) {
      send(over, now);
    }
  }

  private long send(Link over, double now) {
    long number = fences++;
    if (over == Link.OLD) {
      sentOverOld = now;
    } else {
      sentOverNext = now;
    }
    Fence fence = traffic.fence(over, now);
    aligner.sent(number, over);
    awaited.add(new Shown(number, over, true, fence.own()));
    awaited.add(new Shown(number, over == Link.OLD ? Link.NEXT : Link.OLD, false, fence.other()));
    return number;
  }

  static long nanos(double millis) {
    return (long) (millis * 1e6);
  }
}
