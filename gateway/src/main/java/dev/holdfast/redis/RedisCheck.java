package dev.holdfast.redis;

import static dev.holdfast.redis.RedisFinding.fail;
import static dev.holdfast.redis.RedisFinding.ok;
import static dev.holdfast.redis.RedisFinding.warn;

import dev.holdfast.config.RedisKeys;
import dev.holdfast.config.RedisUrl;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.time.SteadyClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Checks the configured Redis once and in detail; blocks. Confined to its caller. */
public final class RedisCheck {
  private static final int PINGS = 20;
  private static final Duration SLOW = Duration.ofMillis(20);
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");
  private static final long LEAST_PUBSUB_BYTES = 32L << 20;

  private final Settings settings;
  private final RedisClientFactory clients;
  private final List<RedisFinding> findings = new ArrayList<>();

  private RedisCheck(Settings settings, RedisClientFactory clients) {
    this.settings = settings;
    this.clients = clients;
  }

  /** Returns the findings; none without a {@code redis.url}. */
  public static List<RedisFinding> run(Settings settings) {
    if (settings.redis().url().isEmpty()) {
      return List.of();
    }
    try (RedisClientFactory clients =
        new RedisClientFactory(settings, settings.get(RedisKeys.COMMAND_TIMEOUT))) {
      return new RedisCheck(settings, clients).run();
    } catch (IOException e) {
      return List.of(fail("files", String.valueOf(e.getMessage())));
    }
  }

  private List<RedisFinding> run() {
    try {
      UnifiedJedis redis = clients.client();
      ping(redis);
      secret();
      server(redis);
      rights(redis);
      eviction(redis);
      pubsubBuffer(redis);
      persistence(redis);
      replicas(redis);
    } catch (JedisException e) {
      RedisFailure failure = RedisFailure.of(e);
      findings.add(fail("reachable", failure.kind().label() + ": " + failure.sentence() + hint()));
    }
    return findings;
  }

  /** Explains that a loopback address inside a container is the container itself. */
  private String hint() {
    RedisUrl url = settings.redis().url().orElseThrow();
    boolean container =
        Stream.of("/.dockerenv", "/run/.containerenv").map(Path::of).anyMatch(Files::exists);
    boolean direct = settings.redis().sentinels().isEmpty();
    return container && direct && LOOPBACK.contains(url.host())
        ? "; " + url.host() + " is this container itself; use the host name of the Redis container"
        : "";
  }

  private void ping(UnifiedJedis redis) {
    long[] nanos = new long[PINGS];
    String answer = redis.ping();
    for (int i = 0; i < PINGS; i++) {
      long start = SteadyClock.nanoTime();
      answer = redis.ping();
      nanos[i] = SteadyClock.nanoTime() - start;
    }
    Arrays.sort(nanos);
    findings.add(ok("reachable", "PING at " + clients.address() + " returned " + answer));
    Duration median = Duration.ofNanos(nanos[PINGS / 2]);
    String took = "%.1f ms for a PING, the median of %d".formatted(median.toNanos() / 1e6, PINGS);
    findings.add(
        median.compareTo(SLOW) < 0
            ? ok("latency", took)
            : warn("latency", took + ": nodes learn of changes late; move Redis closer to them"));
  }

  private void server(UnifiedJedis redis) {
    Optional<String> info = info(redis, "server");
    ServerInfo server = ServerInfo.of(info);
    String least = server.kind().equals("valkey") ? "7.2" : "6.2";
    if (info.isEmpty()) {
      findings.add(warn("server", "unknown: the ACL forbids INFO; add +info"));
    } else if (server.isAtLeast(least)) {
      findings.add(ok("server", server.toString()));
    } else {
      findings.add(fail("server", server + " is too old: " + least + " or newer is needed"));
    }
  }

  private void secret() {
    findings.add(
        SigningKeys.trustRedis(settings)
            ? warn("secret", SigningKeys.ADVICE)
            : ok("secret", "nodes sign with a configured secret"));
  }

  private void rights(UnifiedJedis redis) {
    List<String> missing = AclProbe.missing(redis, new KeyNames(settings.get(RedisKeys.PREFIX)));
    findings.add(
        missing.isEmpty()
            ? ok("rights", "the user has all rights that nodes need")
            : fail(
                "rights",
                "the user may not: "
                    + String.join(", ", missing)
                    + "; ACL +"
                    + String.join(" +", missing)
                    + " and the keys and channels of docs/operations.md"));
  }

  private void eviction(UnifiedJedis redis) {
    Optional<String> info = info(redis, "memory");
    Optional<String> policy = info.flatMap(it -> ServerInfo.value(it, "maxmemory_policy"));
    boolean bounded =
        info.flatMap(it -> ServerInfo.value(it, "maxmemory"))
            .filter(it -> !it.equals("0"))
            .isPresent();
    if (policy.isEmpty()) {
      findings.add(ok("eviction", "not known"));
    } else if (bounded && policy.get().startsWith("allkeys")) {
      findings.add(
          warn(
              "eviction",
              policy.get()
                  + ": keys in use may be evicted when memory is short; use noeviction or volatile-lru"));
    } else {
      findings.add(ok("eviction", policy.get() + (bounded ? "" : ", and no maxmemory")));
    }
  }

  private void pubsubBuffer(UnifiedJedis redis) {
    Optional<List<String>> config =
        reply(redis, Protocol.Command.CONFIG, "GET", "client-output-buffer-limit");
    Optional<Long> limit = config.flatMap(RedisCheck::pubsubLimit);
    if (limit.isEmpty()) {
      findings.add(ok("pubsub buffer", "unknown: the ACL forbids CONFIG"));
    } else if (limit.get() > 0 && limit.get() < LEAST_PUBSUB_BYTES) {
      findings.add(
          warn(
              "pubsub buffer",
              limit.get()
                  + " bytes: slow subscribers, such as Open WebUI, are disconnected and miss events; set"
                  + " client-output-buffer-limit pubsub 32mb 8mb 60"));
    } else {
      findings.add(ok("pubsub buffer", limit.get() == 0 ? "no limit" : limit.get() + " bytes"));
    }
  }

  /** Parses {@code normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60}. */
  private static Optional<Long> pubsubLimit(List<String> config) {
    List<String> words = config.size() < 2 ? List.of() : List.of(config.get(1).split(" ", -1));
    int at = words.indexOf("pubsub");
    return at < 0 || at + 1 >= words.size()
        ? Optional.empty()
        : Optional.of(Replies.number(words.get(at + 1)));
  }

  private void persistence(UnifiedJedis redis) {
    Optional<String> info = info(redis, "persistence");
    String snapshot =
        info.flatMap(it -> ServerInfo.value(it, "rdb_last_bgsave_status")).orElse("not known");
    if (snapshot.equals("err")) {
      findings.add(
          warn("persistence", "the last snapshot failed: Redis may refuse writes; check its disk"));
    } else {
      boolean log =
          info.flatMap(it -> ServerInfo.value(it, "aof_enabled")).equals(Optional.of("1"));
      findings.add(
          ok(
              "persistence",
              "last snapshot "
                  + snapshot
                  + ", AOF "
                  + (log ? "on" : "off")
                  + "; nodes do not need persistence"));
    }
  }

  /**
   * Each replica of Open WebUI must subscribe, to receive the events that others emit to its
   * clients.
   */
  private void replicas(UnifiedJedis redis) {
    int upstreams = settings.get(UpstreamKeys.UPSTREAMS).size();
    Optional<Long> listening =
        reply(redis, Protocol.Command.PUBSUB, "NUMSUB", "socketio")
            .filter(it -> it.size() > 1)
            .map(it -> Replies.number(it.get(1)));
    if (settings.get(RedisKeys.CLUSTER) || listening.isEmpty()) {
      findings.add(
          ok(
              "replicas",
              "unknown: PUBSUB NUMSUB is forbidden or covers only one node of the cluster"));
    } else if (upstreams > 1 && listening.get() < upstreams) {
      findings.add(
          warn(
              "replicas",
              "%d of %d Open WebUI instances are subscribed to the channel socketio; the others miss events"
                      .formatted(listening.get(), upstreams)
                  + " (WEBSOCKET_MANAGER=redis, the same WEBSOCKET_REDIS_URL, a restart)"));
    } else {
      findings.add(
          ok("replicas", listening.get() + " subscribers of Open WebUI's channel socketio"));
    }
  }

  private static Optional<String> info(UnifiedJedis redis, String section) {
    try {
      return Optional.of(redis.info(section));
    } catch (JedisDataException | UnsupportedOperationException notAllowed) {
      return Optional.empty();
    }
  }

  private static Optional<List<String>> reply(
      UnifiedJedis redis, Protocol.Command command, String... arguments) {
    try {
      CommandArguments words = new CommandArguments(command);
      Stream.of(arguments).forEach(words::add);
      Object reply = redis.executeCommand(words);
      return reply instanceof List<?> list
          ? Optional.of(list.stream().map(RedisCheck::text).toList())
          : Optional.empty();
    } catch (JedisDataException | UnsupportedOperationException notAllowed) {
      return Optional.empty();
    }
  }

  private static String text(Object part) {
    return part instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(part);
  }
}
