package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a list that fails shorter. */
final class Shrinking {
  private Shrinking() {}

  /** Drops parts, ever smaller ones, while what is left still fails. */
  static <T> List<T> of(List<T> failing, Predicate<List<T>> fails) {
    List<T> items = failing;
    int size = Math.max(1, items.size() / 2);
    while (size > 0) {
      boolean shrunk = false;
      for (int from = 0; from + size <= items.size(); ) {
        List<T> fewer = new ArrayList<>(items);
        fewer.subList(from, from + size).clear();
        if (fails.test(fewer)) {
          items = fewer;
          shrunk = true;
        } else {
          from += size;
        }
      }
      size = shrunk && size == 1 ? 1 : size / 2;
    }
    return items;
  }
}
