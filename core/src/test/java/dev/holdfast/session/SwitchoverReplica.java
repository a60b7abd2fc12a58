package dev.holdfast.session;

import java.util.SplittableRandom;

/** A replica that runs nothing at times. Times are milliseconds. */
final class SwitchoverReplica {
  private static final SwitchoverReplica STEADY = new SwitchoverReplica(0, 0, 0, 0);

  private final double from;
  private final double to;
  private final double againFrom;
  private final double againTo;

  private SwitchoverReplica(double from, double to, double againFrom, double againTo) {
    this.from = from;
    this.to = to;
    this.againFrom = againFrom;
    this.againTo = againTo;
  }

  /** Half of the replicas stall while a session moves, and a third of these twice. */
  static SwitchoverReplica random(SplittableRandom random, double longest) {
    if (longest == 0 || random.nextBoolean()) {
      return STEADY;
    }
    double from = 500 + random.nextDouble() * 5000;
    double to = from + random.nextDouble() * longest;
    if (random.nextInt(3) > 0) {
      return new SwitchoverReplica(from, to, 0, 0);
    }
    double again = to + 50 + random.nextDouble() * 2000;
    return new SwitchoverReplica(from, to, again, again + random.nextDouble() * longest / 2);
  }

  /** When it runs what is due then. */
  double runs(double due) {
    double at = due >= from && due < to ? to : due;
    return at >= againFrom && at < againTo ? againTo : at;
  }
}
