package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What two links carry while a session moves: answers of models, token by token, several at a time,
 * from two instances that are slow in different ways, and events that are for one sid. Times are
 * milliseconds; the old link is watched from 0 on.
 */
final class TokenStreams {
  /** How much later over one link than over the other an event comes at most. */
  static final int LAG = 1000;

  /** When the upstream of the new link lets the client in. */
  static final int JOINED = LAG + 5;

  /** Until then the page has joined the rooms that it is in besides its user's. */
  static final int ROOMS_JOINED = JOINED + LAG;

  private static final int END = 12_000;
  private static final int MAX_DELAY = LAG - 50;

  /** An event: which one of its stream, and how it looks. */
  record Event(int stream, int index, Fingerprint print) {}

  /** An event as a link brings it. */
  record Arrival(Event event, double at) {}

  final List<Arrival> old = new ArrayList<>();
  final List<Arrival> next = new ArrayList<>();
  private final SplittableRandom random;
  private final double slowest;
  private final Map<Integer, Path> paths = new HashMap<>();
  private int streams;

  TokenStreams(SplittableRandom random) {
    this.random = random;
    this.slowest = random.nextInt(4) == 0 ? 600 : 30;
    int count = 1 + random.nextInt(5);
    boolean ofOne = random.nextInt(5) == 0;
    for (int i = 0; i < count; i++) {
      // Where all of them come from one instance, they may as well look like one stream.
      tokens(ofOne ? 0 : random.nextInt(2), ofOne ? -1 : i);
    }
    if (random.nextInt(3) == 0) {
      personal(old, 0);
      personal(next, 1);
    }
    old.sort(Comparator.comparingDouble(Arrival::at));
    next.sort(Comparator.comparingDouble(Arrival::at));
  }

  /** The way from an instance to a link: in order, late, and later at times. */
  private final class Path {
    private final double base = random.nextDouble() * slowest;
    private final double stallFrom = random.nextInt(3) > 0 ? END : random.nextInt(END);
    private final double stallTo = stallFrom + random.nextInt(400);
    private double last = Double.NEGATIVE_INFINITY;

    double arrival(double sent) {
      double late = base - 4 * Math.log(1 - random.nextDouble());
      double at = sent + late;
      if (at > stallFrom && at < stallTo) {
        at = stallTo;
      }
      last = Math.max(last, Math.min(at, sent + MAX_DELAY));
      return last;
    }
  }

  private Path path(int instance, int link) {
    return paths.computeIfAbsent(instance * 2 + link, key -> new Path());
  }

  private void tokens(int instance, int look) {
    int number = streams++;
    double begin = random.nextInt(9000) - 3000;
    double end = begin + random.nextInt(9000);
    double joined =
        random.nextInt(4) == 0 ? JOINED + random.nextInt(ROOMS_JOINED - JOINED) : JOINED;
    List<Double> times = times(begin, end);
    Words words = new Words();
    for (int i = 0; i < times.size(); i++) {
      Event event = new Event(number, i, new Fingerprint(look, words.next()));
      double before = path(instance, 0).arrival(times.get(i));
      double after = path(instance, 1).arrival(times.get(i));
      if (before >= 0) {
        old.add(new Arrival(event, before));
      }
      if (after >= joined) {
        next.add(new Arrival(event, after));
      }
    }
  }

  /** Steady, slow, or in bursts. */
  private List<Double> times(double begin, double end) {
    List<Double> times = new ArrayList<>();
    double pause = List.of(10, 20, 30, 50, 150, 400).get(random.nextInt(6));
    int burst = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : 1;
    for (double at = begin; at < end; at += pause * burst * (0.5 + random.nextDouble())) {
      for (int i = random.nextInt(burst) + 1; i > 0; i--) {
        times.add(at);
      }
    }
    return times;
  }

  /** The tokens of a text: few of them are most of it, and at times it says the same for long. */
  private final class Words {
    private final int few = 2 + random.nextInt(30);
    private int stuck;
    private long stuckOn;

    long next() {
      if (stuck > 0) {
        stuck--;
        return stuckOn;
      }
      double dice = random.nextDouble();
      long word = (long) (few * dice * dice);
      if (random.nextInt(100) == 0) {
        stuck = random.nextInt(30);
        stuckOn = word;
      }
      return word;
    }
  }

  /** Events for one sid: of their own streams, or among the tokens of another. */
  private void personal(List<Arrival> link, int side) {
    int number = streams++;
    int kinds = random.nextInt(2) == 0 ? 1 : 100;
    long look = random.nextInt(2) == 0 ? 0 : 1000 + side;
    double pause = 200 + random.nextInt(3000);
    double at = side == 0 ? 0 : JOINED;
    for (int i = 0; at < END; i++) {
      at += pause * (0.5 + random.nextDouble());
      long looks = 1_000_000L * (side + 1) + random.nextInt(kinds);
      link.add(new Arrival(new Event(number, i, new Fingerprint(look, looks)), at));
    }
  }
}
