package dev.holdfast.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/** Decodes replies of scripts. Stateless. */
final class Replies {
  private Replies() {}

  /** Returns the reply to a command that was sent. */
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
    throw new JedisException("the reply of a script is not a list");
  }
}
