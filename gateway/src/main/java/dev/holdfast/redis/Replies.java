package dev.holdfast.redis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/** Reads replies of scripts. Stateless. */
final class Replies {
  private Replies() {}

  /** The reply to a command that was sent. */
  static <T> T of(@Nullable Response<T> response) {
    T reply = response == null ? null : response.get();
    if (reply == null) {
      throw new JedisException("no reply");
    }
    return reply;
  }

  static long number(@Nullable Object reply) {
    if (reply instanceof Long number) {
      return number;
    }
    try {
      return Long.parseLong(String.valueOf(reply));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static String text(@Nullable Object reply) {
    return reply == null ? "" : reply.toString();
  }

  static List<?> list(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      return list;
    }
    throw new JedisException("a script answered with something else than a list");
  }

  /** Names and values, one after the other. */
  static Map<String, String> map(@Nullable Object reply) {
    List<?> list = list(reply);
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i + 1 < list.size(); i += 2) {
      values.put(text(list.get(i)), text(list.get(i + 1)));
    }
    return values;
  }
}
