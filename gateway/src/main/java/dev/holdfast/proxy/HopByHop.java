package dev.holdfast.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The headers that end at this hop, RFC 9110 §7.6.1: those that every connection has, and those
 * that a message's {@code Connection} names. Immutable.
 */
final class HopByHop {
  private static final HopByHop PLAIN = new HopByHop(Set.of());

  private static final Set<String> ALWAYS =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "transfer-encoding",
          "upgrade");

  private final Set<String> nominated;

  private HopByHop(Set<String> nominated) {
    this.nominated = nominated;
  }

  /** Of a message with these {@code Connection} lines. */
  static HopByHop of(List<String> connectionLines) {
    if (connectionLines.isEmpty()
        || (connectionLines.size() == 1 && usual(connectionLines.get(0)))) {
      return PLAIN;
    }
    var names = new HashSet<String>();
    for (String line : connectionLines) {
      for (String name : line.split(",", -1)) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return new HopByHop(names);
  }

  private static boolean usual(String line) {
    return line.equalsIgnoreCase("keep-alive") || line.equalsIgnoreCase("close");
  }

  /** Whether the header must not be passed on. */
  boolean ends(String name) {
    if (nominated.isEmpty() && !maybe(name)) {
      return false;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    return ALWAYS.contains(lower) || nominated.contains(lower);
  }

  /** Whether {@code Connection} names this option, given in lower case. */
  boolean names(String option) {
    return nominated.contains(option);
  }

  /** Whether a field of this name, in lower case, ends at every hop. */
  static boolean isAlways(String name) {
    return ALWAYS.contains(name);
  }

  /** A quick look at the first letter: most headers are not among {@link #ALWAYS}. */
  private static boolean maybe(String name) {
    return switch (name.isEmpty() ? ' ' : name.charAt(0) | 0x20) {
      case 'c', 'k', 'p', 't', 'u' -> true;
      default -> false;
    };
  }
}
