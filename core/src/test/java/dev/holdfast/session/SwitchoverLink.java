package dev.holdfast.session;

import java.util.Arrays;
import java.util.SplittableRandom;

/** What a link carries: events in the order in which its replica queues them. */
final class SwitchoverLink {
  private final double delay;
  private final int[] events;
  private final double[] queued;
  private final double[] arrivals;
  private int size;

  /**
   * A link.
   *
   * @param count how many events there are for it
   * @param events which these are, nearly in the order in which they are queued; is sorted
   * @param queued when each of all events is queued
   */
  SwitchoverLink(double delay, int count, int[] events, double[] queued, SplittableRandom random) {
    this.delay = delay;
    this.events = new int[count];
    this.queued = new double[count];
    this.arrivals = new double[count];
    double last = Double.NEGATIVE_INFINITY;
    sort(count, events, queued);
    for (int i = 0; i < count; i++) {
      int each = events[i];
      double late =
          exponential(random, 1) + (random.nextDouble() < 0.002 ? random.nextDouble() * 400 : 0);
      last = Math.max(last, queued[each] + delay + late);
      // The links are watched from 0 on.
      if (last >= 0) {
        this.events[size] = each;
        this.queued[size] = queued[each];
        arrivals[size++] = last;
      }
    }
  }

  /** By insertion, which is fast where little has to be moved. */
  private static void sort(int count, int[] events, double[] times) {
    for (int i = 1; i < count; i++) {
      int each = events[i];
      int place = i;
      for (; place > 0 && times[events[place - 1]] > times[each]; place--) {
        events[place] = events[place - 1];
      }
      events[place] = each;
    }
  }

  static double exponential(SplittableRandom random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  int size() {
    return size;
  }

  int event(int number) {
    return events[number];
  }

  /** When the link brings an event of it; infinite behind the last one. */
  double arrival(int number) {
    return number < size ? arrivals[number] : Double.POSITIVE_INFINITY;
  }

  /** How many events are queued before that time. */
  int queuedBefore(double time) {
    int place = Arrays.binarySearch(queued, 0, size, time);
    return place < 0 ? -place - 1 : place;
  }

  /** When the link brings what is queued then. */
  double arrivalOfQueued(double time) {
    int place = queuedBefore(time);
    return Math.max(place > 0 ? arrivals[place - 1] : 0, time + delay);
  }
}
