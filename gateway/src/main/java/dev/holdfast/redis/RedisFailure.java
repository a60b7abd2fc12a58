package dev.holdfast.redis;

import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Map;
import redis.clients.jedis.exceptions.JedisClusterException;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * The reason why Redis is unavailable. Immutable.
 *
 * @param sentence in plain text; contains no password
 */
record RedisFailure(Kind kind, String sentence) {
  private static final int LONGEST = 200;

  /** The value of the metric label {@code kind}. */
  enum Kind {
    UNREACHABLE,
    TIMEOUT,
    AUTH,
    MEMORY,
    READ_ONLY,
    LOADING,
    CLUSTER,
    STALE_SUBSCRIPTION,
    ERROR;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The kind of each error reply, by its first word. */
  private static final Map<String, Kind> REPLIES =
      Map.ofEntries(
          Map.entry("NOAUTH", Kind.AUTH),
          Map.entry("WRONGPASS", Kind.AUTH),
          Map.entry("NOPERM", Kind.AUTH),
          Map.entry("OOM", Kind.MEMORY),
          Map.entry("READONLY", Kind.READ_ONLY),
          Map.entry("NOREPLICAS", Kind.READ_ONLY),
          Map.entry("MISCONF", Kind.READ_ONLY),
          Map.entry("LOADING", Kind.LOADING),
          Map.entry("BUSY", Kind.LOADING),
          Map.entry("MASTERDOWN", Kind.LOADING),
          Map.entry("CLUSTERDOWN", Kind.CLUSTER),
          Map.entry("MOVED", Kind.CLUSTER),
          Map.entry("ASK", Kind.CLUSTER),
          Map.entry("TRYAGAIN", Kind.CLUSTER));

  /** The text of a script's error while the slot of its keys moves, which has no such word. */
  private static final String MOVING = "non local key";

  /** Creates a failure for an exception of this node itself. */
  static RedisFailure internal(Throwable error) {
    return new RedisFailure(Kind.ERROR, error.toString());
  }

  /** Creates a failure for a subscription that does not receive what this node publishes. */
  static RedisFailure staleSubscription() {
    return new RedisFailure(
        Kind.STALE_SUBSCRIPTION,
        "this node does not receive its own beats: it is subscribed at a different server than the one"
            + " it writes to");
  }

  static RedisFailure of(JedisException problem) {
    String message = oneLine(String.valueOf(problem.getMessage()));
    String shown = message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
    return new RedisFailure(kind(problem, message), shown);
  }

  /** Collapses whitespace into single blanks. */
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    boolean blank = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isWhitespace(c)) {
        line.append(c);
      } else if (!blank) {
        line.append(' ');
      }
      blank = Character.isWhitespace(c);
    }
    return line.toString();
  }

  private static Kind kind(JedisException problem, String message) {
    if (problem instanceof JedisRedirectionException
        || problem instanceof JedisClusterException
        || problem instanceof JedisClusterOperationException
        || message.contains(MOVING)) {
      return Kind.CLUSTER;
    }
    for (Map.Entry<String, Kind> each : REPLIES.entrySet()) {
      // A script that failed has the word at the start or in the middle.
      if (message.startsWith(each.getKey()) || message.contains("-" + each.getKey() + " ")) {
        return each.getValue();
      }
    }
    if (message.contains("AUTH") || message.contains("ACL")) {
      return Kind.AUTH;
    }
    if (problem instanceof JedisConnectionException) {
      return hasTimedOut(problem) ? Kind.TIMEOUT : Kind.UNREACHABLE;
    }
    return Kind.ERROR;
  }

  private static boolean hasTimedOut(Throwable problem) {
    for (Throwable each = problem; each != null; each = each.getCause()) {
      if (each instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }
}
