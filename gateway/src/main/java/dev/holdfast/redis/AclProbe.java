package dev.holdfast.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;

/**
 * Finds out which commands the ACL permits this user, by executing them on scratch keys. Stateless.
 */
final class AclProbe {
  private AclProbe() {}

  /** Returns the commands that nodes need and this user may not execute. */
  static List<String> missing(UnifiedJedis redis, KeyNames names) {
    List<String> missing = new ArrayList<>();
    tries(redis, names)
        .forEach(
            (command, attempt) -> {
              if (!isAllowed(attempt)) {
                missing.add(command);
              }
            });
    return missing;
  }

  private static Map<String, Runnable> tries(UnifiedJedis redis, KeyNames names) {
    String id = UUID.randomUUID().toString();
    String hash = names.base() + "check:" + id;
    String set = hash + ":set";
    String text = hash + ":text";
    String channel = names.base() + "check";
    SetParams expiry = SetParams.setParams().px(1000L);
    Map<String, Runnable> tries = new LinkedHashMap<>();
    tries.put("hset", () -> redis.hset(hash, "field", "value"));
    tries.put("pexpire", () -> redis.pexpire(hash, 1000L));
    tries.put("hget", () -> redis.hget(hash, "field"));
    tries.put("hgetall", () -> redis.hgetAll(hash));
    tries.put("hlen", () -> redis.hlen(hash));
    tries.put("hdel", () -> redis.hdel(hash, "field"));
    tries.put("sadd", () -> redis.sadd(set, "member"));
    tries.put("smembers", () -> redis.smembers(set));
    tries.put("srem", () -> redis.srem(set, "member"));
    tries.put("set", () -> redis.set(text, "value", expiry));
    tries.put("get", () -> redis.get(text));
    tries.put("del", () -> redis.del(text));
    tries.put("publish", () -> redis.publish(channel, id));
    tries.put("eval", () -> redis.eval("return 1", List.of(hash), List.of()));
    tries.put("time", () -> redis.eval("return redis.call('TIME')", List.of(hash), List.of()));
    tries.put("subscribe", () -> redis.subscribe(new Once(), channel));
    return tries;
  }

  private static boolean isAllowed(Runnable attempt) {
    try {
      attempt.run();
      return true;
    } catch (JedisDataException refused) {
      return RedisFailure.of(refused).kind() != RedisFailure.Kind.AUTH;
    }
  }

  /** Unsubscribes as soon as it is subscribed. */
  private static final class Once extends JedisPubSub {
    @Override
    public void onSubscribe(String channel, int count) {
      unsubscribe();
    }
  }
}
