package dev.holdfast.session;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Events of token streams, as replicas emit them. Times are milliseconds. */
final class SwitchoverEvents {
  /** The links that an event is for. */
  static final byte OLD = 1;

  static final byte NEXT = 2;
  static final byte BOTH = OLD | NEXT;

  private static final int[] PAUSES = {10, 20, 30, 50, 150, 400};

  /** The index of an event that is for one link alone. */
  static final int ALONE = -1;

  private static final int INDEX_BITS = 16;
  private static final int MAX_INDEX = (1 << INDEX_BITS) - 1;
  private static final double EARLIEST = -10_000;

  int size;
  int[] stream = new int[1024];

  /** The event's number in its stream. */
  int[] index = new int[1024];

  int[] print = new int[1024];
  int[] emitter = new int[1024];
  byte[] links = new byte[1024];

  /** When its replica emits it to the clients that it has itself. */
  double[] local = new double[1024];

  double[] published = new double[1024];
  private final SwitchoverScenario scenario;
  private final double until;
  private final SwitchoverReplica[] replicas;

  SwitchoverEvents(SwitchoverScenario scenario, double until, SwitchoverReplica... replicas) {
    this.scenario = scenario;
    this.until = until;
    this.replicas = replicas;
  }

  /** Adds what a stream emits until then: steady, slow, or in bursts. */
  void stream(int number, SplittableRandom random) {
    int from = random.nextInt(replicas.length);
    double begin = random.nextInt(9000) - 3000.0;
    double end = Math.min(until, begin + random.nextInt(14_000));
    byte rooms = rooms(random);
    boolean someAlone = scenario.has(SwitchoverScenario.Trait.EVENTS_FOR_ONE_SID);
    double pause = PAUSES[random.nextInt(PAUSES.length)];
    int burst = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : 1;
    Words words = new Words(random);
    // What comes before the links are watched is not needed.
    double first = Math.max(begin, -scenario.delay - 1000);
    double free = first;
    int count = 0;
    for (double at = first; at < end; at += pause * burst * (0.5 + random.nextDouble())) {
      for (int i = random.nextInt(burst) + 1; i > 0; i--) {
        int event = add(number, count++, from, rooms);
        print[event] = words.next();
        free = emit(event, Math.max(at, free), published(scenario, random));
        if (someAlone && random.nextInt(40) == 0) {
          int alone = add(number, ALONE, from, random.nextBoolean() ? OLD : NEXT);
          print[alone] = 900_000 + random.nextInt(1_000_000);
          free = emit(alone, free, 0.3);
        }
      }
    }
  }

  private byte rooms(SplittableRandom random) {
    if (!scenario.has(SwitchoverScenario.Trait.ROOMS_OF_ONE_LINK)) {
      return BOTH;
    }
    int dice = random.nextInt(6);
    return dice == 0 ? OLD : dice == 1 ? NEXT : BOTH;
  }

  /** How long a publish takes. */
  static double published(SwitchoverScenario scenario, SplittableRandom random) {
    double late = scenario.has(SwitchoverScenario.Trait.LATE_PUBLISHES) ? 0.1 : 0.01;
    return random.nextDouble() < late
        ? 5 + 25 * random.nextDouble()
        : 0.1 + 0.7 * random.nextDouble();
  }

  private int add(int number, int count, int from, byte mask) {
    if (size > MAX_INDEX) {
      throw new IllegalStateException("too many events");
    }
    if (size == stream.length) {
      int more = 2 * size;
      stream = Arrays.copyOf(stream, more);
      index = Arrays.copyOf(index, more);
      print = Arrays.copyOf(print, more);
      emitter = Arrays.copyOf(emitter, more);
      links = Arrays.copyOf(links, more);
      local = Arrays.copyOf(local, more);
      published = Arrays.copyOf(published, more);
    }
    stream[size] = number;
    index[size] = count;
    emitter[size] = from;
    links[size] = mask;
    return size++;
  }

  /** Emits an event that is due; when the next one can be, since a stream awaits each. */
  private double emit(int event, double due, double publish) {
    SwitchoverReplica replica = replicas[emitter[event]];
    local[event] = replica.runs(due);
    published[event] = local[event] + publish;
    return replica.runs(local[event] + 2 * publish);
  }

  /** All events by the time at which they are published. */
  int[] byPublished() {
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = (long) ((published[i] - EARLIEST) * 1e6) << INDEX_BITS | i;
    }
    Arrays.sort(keys);
    int[] sorted = new int[size];
    for (int i = 0; i < size; i++) {
      sorted[i] = (int) keys[i] & MAX_INDEX;
    }
    return sorted;
  }

  Fingerprint fingerprint(int event) {
    return new Fingerprint(stream[event], print[event]);
  }

  /** The tokens of a text: few of them are most of it, and at times it says the same for long. */
  private final class Words {
    private final boolean one = scenario.has(SwitchoverScenario.Trait.ONE_TOKEN);
    private final SplittableRandom random;
    private final int few;
    private int stuck;
    private int stuckOn;

    Words(SplittableRandom random) {
      this.random = random;
      this.few = 2 + random.nextInt(30);
    }

    int next() {
      if (one) {
        return 0;
      }
      if (stuck > 0) {
        stuck--;
        return stuckOn;
      }
      double dice = random.nextDouble();
      int word = (int) (few * dice * dice);
      if (random.nextInt(100) == 0) {
        stuck = random.nextInt(30);
        stuckOn = word;
      }
      return word;
    }
  }
}
