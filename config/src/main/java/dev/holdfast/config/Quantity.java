package dev.holdfast.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations and sizes as people write them: a whole number and its unit.
 *
 * <pre>
 *   25s  5m  1500ms  1h  7d        64KiB  1GiB  1MB  512B
 * </pre>
 */
final class Quantity {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");
  private static final String PREFIXES = "KMGT";
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES = new HashMap<>(Map.of("B", 1L));

  static {
    for (int i = 1; i <= PREFIXES.length(); i++) {
      BYTES.put(PREFIXES.charAt(i - 1) + "B", Math.round(Math.pow(1000, i)));
      BYTES.put(PREFIXES.charAt(i - 1) + "iB", 1L << (10 * i));
    }
  }

  private static final int LEAST_SHOWN = 10;

  private Quantity() {}

  static Duration duration(String text) throws Rejected {
    return Duration.ofMillis(
        number(text, MILLIS, "a duration needs a unit: 1500ms, 25s, 5m or 1h"));
  }

  /** Bytes. */
  static long size(String text) throws Rejected {
    return number(text, BYTES, "a size needs a unit: 512B, 64KiB, 1MB or 1GiB");
  }

  /** A size for people, rounded down to whole units. */
  static String shown(long bytes) {
    for (String unit : List.of("GiB", "MiB", "KiB")) {
      long size = BYTES.getOrDefault(unit, 1L);
      if (bytes >= LEAST_SHOWN * size || (bytes >= size && bytes % size == 0)) {
        return bytes / size + unit;
      }
    }
    return bytes + "B";
  }

  private static long number(String text, Map<String, Long> units, String form) throws Rejected {
    Matcher matcher = FORM.matcher(text);
    Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new Rejected(form);
    }
    BigInteger exact = new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(unit));
    return exact.bitLength() < Long.SIZE ? exact.longValue() : Long.MAX_VALUE;
  }
}
