package dev.holdfast.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The headers that are not forwarded, RFC 9110 §7.6.1: the standard hop-by-hop headers, and those
 * that a message's {@code Connection} header lists. Immutable.
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

  /** Returns the hop-by-hop headers of a message with these {@code Connection} lines. */
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

  /** Returns whether the header must not be forwarded. */
  boolean ends(String name) {
    if (nominated.isEmpty() && !maybe(name)) {
      return false;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    return ALWAYS.contains(lower) || nominated.contains(lower);
  }

  /** Returns whether {@code Connection} lists this option, given in lower case. */
  boolean names(String option) {
    return nominated.contains(option);
  }

  /** Returns whether a field of this name, in lower case, is always hop-by-hop. */
  static boolean isAlways(String name) {
    return ALWAYS.contains(name);
  }

  /** Checks the first letter only, which excludes most headers cheaply. */
  private static boolean maybe(String name) {
    return switch (name.isEmpty() ? ' ' : name.charAt(0) | 0x20) {
      case 'c', 'k', 'p', 't', 'u' -> true;
      default -> false;
    };
  }
}
