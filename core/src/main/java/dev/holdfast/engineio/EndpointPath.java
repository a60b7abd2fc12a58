package dev.holdfast.engineio;

import io.undertow.server.HttpServerExchange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Recognizes the path of the Socket.IO endpoint, and other paths that still reach Open WebUI's
 * Socket.IO server. uvicorn decodes a path once, and python-socketio accepts every path that begins
 * with its own; a proxy in between may decode once more, merge slashes and resolve dot segments.
 * Immutable.
 */
final class EndpointPath {
  /** How servers may interpret a path. */
  enum Reading {
    /** The endpoint's path, byte for byte. */
    EXACT,
    /** Some server may interpret it as the endpoint or as a path below it. */
    AMBIGUOUS,
    /** Leads elsewhere. */
    OTHER
  }

  /** Maximum number of servers in a row that each decode a path. */
  private static final int DECODINGS = 3;

  private final String path;
  private final String withoutSlash;
  private final String folded;
  private final String foldedWithoutSlash;
  private final String lastName;

  /** Creates an instance for this endpoint path, which begins and ends with a slash. */
  EndpointPath(String path) {
    this.path = path;
    this.withoutSlash = path.substring(0, path.length() - 1);
    this.folded = fold(path);
    this.foldedWithoutSlash = fold(withoutSlash);
    this.lastName = foldedWithoutSlash.substring(foldedWithoutSlash.lastIndexOf('/') + 1);
  }

  /** Returns how servers may interpret the path of a request target, as the client sent it. */
  Reading read(HttpServerExchange exchange) {
    return read(exchange.getRequestURI());
  }

  Reading read(String asked) {
    if (asked.equals(path) || asked.equals(withoutSlash)) {
      return Reading.EXACT;
    }
    // Fast path for most requests: no escapes, and the endpoint's last segment does not occur.
    if (asked.indexOf('%') < 0 && !fold(asked).contains(lastName)) {
      return Reading.OTHER;
    }
    String decoded = asked;
    boolean there = leadsThere(decoded);
    for (int i = 0; i < DECODINGS && !there && decoded.indexOf('%') >= 0; i++) {
      decoded = decode(decoded);
      there = leadsThere(decoded);
    }
    return there ? Reading.AMBIGUOUS : Reading.OTHER;
  }

  private boolean leadsThere(String decoded) {
    return isBelow(fold(decoded)) || isBelow(fold(resolve(decoded)));
  }

  private boolean isBelow(String other) {
    return other.startsWith(folded) || other.equals(foldedWithoutSlash);
  }

  private static String fold(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Removes empty segments, path parameters and dot segments. */
  private static String resolve(String decoded) {
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : decoded.replace('\\', '/').split("/", -1)) {
      int parameters = segment.indexOf(';');
      String name = parameters < 0 ? segment : segment.substring(0, parameters);
      if (name.equals("..")) {
        segments.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        segments.addLast(name);
      }
    }
    return "/" + String.join("/", segments) + "/";
  }

  /** Decodes valid escapes byte by byte and leaves everything else unchanged. */
  private static String decode(String text) {
    StringBuilder decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
      if (low < 0) {
        decoded.append(c);
      } else {
        decoded.append((char) (high << 4 | low));
        i += 2;
      }
    }
    return decoded.toString();
  }
}
