package dev.holdfast.session;

import java.util.Set;

/** Circumstances in which sessions are moved, and what is claimed of moves by fences there. */
@SuppressWarnings("ImmutableEnumChecker") // Set.of() and a record of numbers do not change.
enum SwitchoverScenario {
  CALM(0, Delays.SHORT, Bounds.CALM, Trait.ROOMS_AT_ONCE),
  LATE_ROOMS(0, Delays.SHORT, Bounds.CALM),
  SHORT_STALLS(900, Delays.SHORT, Bounds.STALLED),
  STALLS(5000, Delays.SHORT, Bounds.STALLED),
  STALLS_ON_SAME_REPLICA(5000, Delays.SHORT, Bounds.STALLED, Trait.SAME_REPLICA),
  DELAYS(0, Delays.LONG, Bounds.DELAYED),
  ONE_TOKEN(0, Delays.SHORT, Bounds.CALM, Trait.ONE_TOKEN),
  ONE_TOKEN_STALLS(5000, Delays.SHORT, Bounds.STALLED, Trait.ONE_TOKEN),
  ONE_TOKEN_STALLS_AND_DELAYS(5000, Delays.LONG, Bounds.DELAYED, Trait.ONE_TOKEN),
  ONE_TOKEN_STALLS_ON_SAME_REPLICA(
      5000, Delays.SHORT, Bounds.STALLED, Trait.ONE_TOKEN, Trait.SAME_REPLICA),
  ROOMS_OF_ONE_LINK(2000, Delays.SHORT, Bounds.STALLED, Trait.ROOMS_OF_ONE_LINK),
  EVENTS_FOR_ONE_SID(2000, Delays.SHORT, Bounds.NOISY, Trait.EVENTS_FOR_ONE_SID),
  ONE_TOKEN_LATE_PUBLISHES(1000, Delays.SHORT, Bounds.NOISY, Trait.ONE_TOKEN, Trait.LATE_PUBLISHES);

  /** What sets a scenario apart. */
  enum Trait {
    /** The next link is in all rooms from the beginning; else a quarter of them come later. */
    ROOMS_AT_ONCE,
    SAME_REPLICA,
    ONE_TOKEN,
    /** A third of the streams come over one of the links alone. */
    ROOMS_OF_ONE_LINK,
    /** One in 40 events of a stream is for one of the links alone. */
    EVENTS_FOR_ONE_SID,
    /** A tenth of the publishes are 5–30 ms late, else one in 100. */
    LATE_PUBLISHES
  }

  /** The longest delay of a link, in milliseconds. */
  private static final class Delays {
    static final double SHORT = 30;
    static final double LONG = 3000;
  }

  /**
   * What is claimed.
   *
   * @param wrong of 100,000 moves
   * @param unsure of 100,000 moves, which find no certain alignment in time
   * @param mean how long a move takes, in milliseconds
   */
  record Bounds(int wrong, int unsure, double mean) {
    static final Bounds CALM = new Bounds(5, 20, 2500);
    static final Bounds STALLED = new Bounds(5, 20, 3500);
    static final Bounds DELAYED = new Bounds(5, 20, Double.POSITIVE_INFINITY);
    static final Bounds NOISY = new Bounds(100, 20, 3500);
  }

  /** The longest stall of a replica, in milliseconds. */
  final double stall;

  /** The longest delay of a link, in milliseconds. */
  final double delay;

  final Bounds bounds;
  private final Set<Trait> traits;

  SwitchoverScenario(double stall, double delay, Bounds bounds, Trait... traits) {
    this.stall = stall;
    this.delay = delay;
    this.bounds = bounds;
    this.traits = Set.of(traits);
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }
}
