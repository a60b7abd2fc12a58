package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/** What {@code holdfast check} finds out about a real Redis. */
class RedisCheckIT {
  private RedisProcess redis;

  @BeforeEach
  void start() throws Exception {
    redis = RedisProcess.start();
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  private List<RedisFinding> check(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.url", "redis://127.0.0.1:" + redis.port());
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return RedisCheck.run(Settings.of(settings));
  }

  private static RedisFinding found(List<RedisFinding> findings, String name) {
    return findings.stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void usualRedisIsFit() {
    List<RedisFinding> findings = check("cluster.secret", "a secret of all nodes");

    assertThat(findings).allMatch(it -> it.level() == RedisFinding.Level.OK);
    assertThat(findings)
        .extracting(RedisFinding::name)
        .containsExactly(
            "reachable",
            "latency",
            "secret",
            "server",
            "rights",
            "eviction",
            "pubsub buffer",
            "persistence",
            "replicas");
    assertThat(found(findings, "reachable").detail()).endsWith("returned PONG");
    assertThat(found(findings, "eviction").detail()).isEqualTo("noeviction, and no maxmemory");
    assertThat(found(findings, "pubsub buffer").detail()).isEqualTo("33554432 bytes");
    try (Jedis jedis = redis.jedis()) {
      assertThat(jedis.keys("*")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'',                            '',        WARN",
    "'redis,a secret of all nodes', '',        WARN",
    "'',                            'a key',   OK",
    "'a secret of all nodes',       '',        OK",
  })
  void keyThatRedisKeepsIsWarnedOf(String cluster, String auth, RedisFinding.Level level) {
    RedisFinding finding =
        found(check("cluster.secret", cluster, "auth.secret-key", auth), "secret");

    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.detail().contains("set cluster.secret"))
        .isEqualTo(level == RedisFinding.Level.WARN);
  }

  @Test
  void whatWillFailLaterIsAWarning() {
    redis.command("CONFIG", "SET", "maxmemory", "100mb");
    redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    redis.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 1mb 60");

    List<RedisFinding> findings = check();

    assertThat(found(findings, "eviction").level()).isEqualTo(RedisFinding.Level.WARN);
    assertThat(found(findings, "eviction").detail()).contains("use noeviction or volatile-lru");
    assertThat(found(findings, "pubsub buffer").level()).isEqualTo(RedisFinding.Level.WARN);
  }

  @Test
  void deafReplicaIsSeen() throws Exception {
    String upstreams = "http://a:1,http://b:2";
    assertThat(found(check("upstreams", upstreams), "replicas").detail())
        .startsWith("0 of 2 Open WebUI instances are subscribed");

    try (Jedis jedis = redis.jedis();
        Jedis other = redis.jedis()) {
      Thread first = listen(jedis);
      Thread second = listen(other);
      RedisFinding both = found(check("upstreams", upstreams), "replicas");
      assertThat(both.level()).isEqualTo(RedisFinding.Level.OK);
      assertThat(both.detail()).startsWith("2 subscribers");
      redis.command("PUBLISH", "socketio", "end");
      first.join();
      second.join();
    }
  }

  private static Thread listen(Jedis jedis) throws InterruptedException {
    var ready = new java.util.concurrent.CountDownLatch(1);
    Thread thread =
        new Thread(
            () ->
                jedis.subscribe(
                    new JedisPubSub() {
                      @Override
                      public void onSubscribe(String channel, int count) {
                        ready.countDown();
                      }

                      @Override
                      public void onMessage(String channel, String message) {
                        unsubscribe();
                      }
                    },
                    "socketio"));
    thread.start();
    assertThat(ready.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    return thread;
  }

  @Test
  void rightsThatAreMissingAreNamed() {
    redis.command(
        "ACL",
        "SETUSER",
        "gate",
        "on",
        ">pw",
        "~{holdfast}:*",
        "&{holdfast}:*",
        "+@all",
        "-eval",
        "-subscribe",
        "-info",
        "-config");

    List<RedisFinding> findings = check("redis.username", "gate", "redis.password", "pw");

    assertThat(found(findings, "rights").level()).isEqualTo(RedisFinding.Level.FAIL);
    assertThat(found(findings, "rights").detail()).contains("ACL +eval", "+subscribe");
    assertThat(found(findings, "server").level()).isEqualTo(RedisFinding.Level.WARN);
    assertThat(found(findings, "pubsub buffer").detail())
        .isEqualTo("unknown: the ACL forbids CONFIG");
  }

  @Test
  void wrongPasswordIsSaidWithoutShowingIt() {
    redis.command("CONFIG", "SET", "requirepass", "right");

    List<RedisFinding> findings = check("redis.password", "s3cret-wrong");

    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).detail()).startsWith("auth: ").doesNotContain("s3cret");
  }

  @Test
  void versionsAreComparedByNumbers() {
    assertThat(new ServerInfo("redis", "6.2.14").isAtLeast("6.2")).isTrue();
    assertThat(new ServerInfo("redis", "10.0").isAtLeast("6.2")).isTrue();
    assertThat(new ServerInfo("valkey", "7.1.9").isAtLeast("7.2")).isFalse();
    assertThat(new ServerInfo("redis", "5.0.7").isAtLeast("6.2")).isFalse();
  }

  @Test
  void withoutRedisThereIsNothingToCheck() {
    assertThat(RedisCheck.run(Settings.defaults())).isEmpty();
  }
}
