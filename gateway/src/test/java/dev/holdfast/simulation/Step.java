package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that happens in a conversation, and how long the next step waits.
 *
 * @param seed of its own random choices
 * @param pause in milliseconds
 */
record Step(Kind kind, long seed, long pause) {
  /** What can happen. */
  enum Kind {
    /** An upstream sends a page events for a while. */
    STREAM(14),
    /** An upstream sends a page many events at once. */
    BURST(5),
    /** An upstream asks a page something. */
    CALL(6),
    /** A page sends packets for a while. */
    TYPE(10),
    /** A page sends a lot at once. */
    UPLOAD(4),
    /** A page's connection is reset. */
    CUT(8),
    /** A page's connection breaks, and nobody is told. */
    VANISH(4),
    /** A page's connection breaks somewhere in the bytes to come. */
    CUT_INSIDE(4),
    /** A node stops gracefully. */
    DRAIN(4),
    /** A node's process is killed. */
    KILL(2),
    /** A link breaks. */
    CUT_LINK(3),
    /** An upstream is killed, and is back later. */
    RESTART_UPSTREAM(2),
    /** All sessions are moved off an upstream. */
    DRAIN_UPSTREAM(3),
    /** An upstream reads and sends nothing for a while. */
    STOP_UPSTREAM(3),
    /** A node gets no time for a while. */
    STOP_NODE(3),
    /** A node cannot reach the registry for a while. */
    SPLIT(4),
    /** A connection between two nodes breaks. */
    CUT_NODES(2),
    /** Something throws inside a node, where it uses a connection or the registry. */
    THROW(2),
    /** Nothing happens. */
    WAIT(8);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /** So many random steps of these kinds, close to each other. */
  static List<Step> random(SplittableRandom random, int count, List<Kind> kinds) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add(new Step(kind(kinds, random), random.nextLong(), random.nextLong(1500)));
    }
    return steps;
  }

  /** So many random steps of all kinds or, as often, of those that the seed leaves. */
  static List<Step> random(SplittableRandom random, int count) {
    List<Kind> kinds = random.nextBoolean() ? List.of(Kind.values()) : swarm(random);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add(new Step(kind(kinds, random), random.nextLong(), pause(random)));
    }
    return steps;
  }

  /**
   * Half of the kinds: few of them come together often, as in Groce et al., Swarm Testing, 2012.
   */
  private static List<Kind> swarm(SplittableRandom random) {
    List<Kind> kinds = new ArrayList<>(List.of(Kind.WAIT));
    for (Kind each : Kind.values()) {
      if (each != Kind.WAIT && random.nextBoolean()) {
        kinds.add(each);
      }
    }
    return kinds;
  }

  private static Kind kind(List<Kind> kinds, SplittableRandom random) {
    int all = 0;
    for (Kind each : kinds) {
      all += each.weight;
    }
    int drawn = random.nextInt(all);
    for (Kind each : kinds) {
      drawn -= each.weight;
      if (drawn < 0) {
        return each;
      }
    }
    throw new IllegalStateException("the weights do not add up");
  }

  /** Nearly at once, soon, or after everything has become quiet. */
  private static long pause(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong(5);
      case 1, 2 -> random.nextLong(200);
      case 3, 4 -> random.nextLong(2500);
      default -> random.nextLong(12_000);
    };
  }

  @Override
  public String toString() {
    return kind + " " + seed + " " + pause;
  }

  /** Reads what {@link #toString} has written. */
  static Step parse(String line) {
    String[] parts = line.split(" ", -1);
    return new Step(Kind.valueOf(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }
}
