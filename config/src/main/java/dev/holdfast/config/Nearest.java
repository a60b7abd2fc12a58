package dev.holdfast.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody who mistyped a name may have meant. */
final class Nearest {
  private static final int FARTHEST = 3;

  private Nearest() {}

  /** Says that there is no such setting, and names the most similar one if any is close. */
  static String suggestion(String given, Collection<String> names) {
    return names.stream()
        .filter(name -> distance(given, name) <= FARTHEST)
        .min(
            Comparator.comparingInt((String name) -> distance(given, name))
                .thenComparing(name -> name))
        .map(name -> "no such setting; did you mean " + name + "?")
        .orElse("no such setting");
  }

  /** Letters to insert, drop or replace. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
