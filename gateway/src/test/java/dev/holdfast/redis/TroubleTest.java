package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisDataException;

class TroubleTest {
  @Test
  void scriptWhoseKeysAreOnTheirWayIsTroubleOfTheCluster() {
    JedisDataException told =
        new JedisDataException(
            "ERR Script attempted to access a non local key in a cluster node script: d53f8eed");

    assertThat(Trouble.of(told).kind()).isEqualTo(Trouble.Kind.CLUSTER);
  }
}
