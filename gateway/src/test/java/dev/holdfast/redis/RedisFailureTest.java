package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisDataException;

class RedisFailureTest {
  @Test
  void scriptWhoseKeysAreOnTheirWayIsTroubleOfTheCluster() {
    JedisDataException told =
        new JedisDataException(
            "ERR Script attempted to access a non local key in a cluster node script: d53f8eed");

    assertThat(RedisFailure.of(told).kind()).isEqualTo(RedisFailure.Kind.CLUSTER);
  }
}
