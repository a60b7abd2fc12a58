package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.time.WallClock;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/** Somebody who reads and writes all of Redis, and does not know the nodes' secret. */
class RedisForgeryIT {
  private static final String SECRET = "a secret of all nodes";
  private static final NodeId B = new NodeId("b");
  private static RedisProcess redis;

  private final List<RedisCluster> open = new ArrayList<>();
  private final Metrics metrics = new Metrics();
  private final List<Command> heard = new CopyOnWriteArrayList<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private Jedis attacker;

  @BeforeAll
  static void startRedis() throws Exception {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void beginWithNothing() {
    attacker = redis.jedis();
    attacker.flushAll();
  }

  @AfterEach
  void stop() {
    attacker.close();
    open.forEach(RedisCluster::close);
  }

  private RedisCluster node(String name, long clockAhead, String secret) throws IOException {
    return node(name, clockAhead, secret, new Metrics());
  }

  private RedisCluster node(String name, long clockAhead, String secret, Metrics counted)
      throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.url", redis.url());
    settings.put("node.beat", "200ms");
    settings.put("cluster.secret", secret);
    RedisCluster node =
        RedisCluster.start(
            Settings.of(settings),
            new NodeId(name),
            new RedisMetrics(counted.registry()),
            () -> WallClock.millis() + clockAhead);
    open.add(node);
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", 1000 + open.size()));
    return node;
  }

  private static boolean knows(RedisCluster node, String other) {
    return node.peers().find(new NodeId(other)).isPresent();
  }

  private double refused(String kind, String reason) {
    return metrics.registry().scrape().stream()
        .filter(each -> each.getMetadata().getName().equals("holdfast_redis_refused"))
        .flatMap(each -> each.getDataPoints().stream())
        .filter(each -> kind.equals(each.getLabels().get("kind")))
        .filter(each -> reason.equals(each.getLabels().get("reason")))
        .mapToDouble(each -> ((CounterSnapshot.CounterDataPointSnapshot) each).getValue())
        .sum();
  }

  private RedisCluster listening() throws Exception {
    RedisCluster a = node("a", 0, SECRET, metrics);
    a.commands().onCommand(heard::add);
    Awaiting.until(() -> a.problem().isEmpty() && !a.nodes().all().isEmpty());
    return a;
  }

  @Test
  void nodeThatNobodyHasSignedIsNotDialled() throws Exception {
    RedisCluster a = listening();
    RegistrationTrust theirs =
        Signatures.of(a.incarnation(), List.of("a guess"), (kind, reason) -> {}, WallClock::millis)
            .registrations();
    String registration = attacker.hget("{holdfast}:node:a", "registration");
    RegistrationRecord copied =
        RegistrationRecord.of(registration.substring(0, registration.indexOf(' '))).orElseThrow();

    attacker.sadd("{holdfast}:nodes", "evil", "a copy", "older");
    attacker.hset("{holdfast}:node:evil", "registration", registration);
    attacker.hset("{holdfast}:node:a copy", "registration", registration);
    attacker.hset(
        "{holdfast}:node:older",
        Map.of("incarnation", "i", "host", "10.6.6.6", "port", "80", "rev", "1"));
    attacker.sadd("{holdfast}:nodes", "guess");
    attacker.hset("{holdfast}:node:guess", "registration", theirs.sign(copied).orElseThrow());

    Awaiting.until(
        () -> refused("registration", "foreign") > 1 && refused("registration", "forged") > 0);
    assertThat(a.nodes().all()).extracting(each -> each.id().value()).containsExactly("a");
    assertThat(knows(a, "evil")).isFalse();
  }

  @Test
  void nodeWhoseAddressSomebodyChangesIsKnownWhereItWas() throws Exception {
    RedisCluster a = listening();
    node("b", 0, SECRET);
    Awaiting.until(() -> knows(a, "b"));
    InetSocketAddress before = a.peers().find(B).map(Member::address).orElseThrow();

    Awaiting.until(
        () -> {
          String registration = attacker.hget("{holdfast}:node:b", "registration");
          String changed = registration.replace("127.0.0.1", "10.6.6.6");
          attacker.hset("{holdfast}:node:b", "registration", changed);
          return refused("registration", "forged") > 2;
        });

    Awaiting.until(() -> knows(a, "b"));
    assertThat(a.peers().find(B).map(Member::address)).contains(before);
  }

  static List<String> unsigned() {
    String signature = "a run 1 " + WallClock.millis() + " * forged\n";
    return List.of(
        "command kick-user=u1",
        "command drain=node",
        "command drain-upstream=http://x",
        "left node=a&incarnation=x",
        signature + "command drain=node",
        signature + "command kick-user=u1",
        "");
  }

  @ParameterizedTest
  @MethodSource("unsigned")
  void whatNobodyHasSignedIsNotFollowed(String message) throws Exception {
    RedisCluster a = listening();

    attacker.publish("{holdfast}:nodes", message);
    attacker.publish("{holdfast}:node:a", message);

    Awaiting.until(() -> refused("message", "forged") == 2);
    assertThat(heard).isEmpty();
    assertThat(a.nodes().all()).hasSize(1);
  }

  @Test
  void commandThatSomebodyRecordsIsFollowedOnceAndByItsNodeOnly() throws Exception {
    RedisCluster a = listening();
    RedisCluster b = node("b", 0, SECRET);
    List<Command> atB = new CopyOnWriteArrayList<>();
    b.commands().onCommand(atB::add);
    Awaiting.until(() -> knows(a, "b") && knows(b, "a"));
    Command kick = new Command.KickUser("u1");
    try (Jedis connection = redis.jedis()) {
      JedisPubSub recorder = recorder();
      Thread thread = new Thread(() -> connection.subscribe(recorder, "{holdfast}:node:a"));
      thread.start();
      Awaiting.until(recorder::isSubscribed);
      b.commands().send(new NodeId("a"), kick);
      Awaiting.until(() -> heard.contains(kick) && seen.size() == 1);
      recorder.unsubscribe();
      thread.join();
    }

    attacker.publish("{holdfast}:node:a", seen.get(0));
    attacker.publish("{holdfast}:nodes", seen.get(0));
    attacker.publish("{holdfast}:node:b", seen.get(0));

    Awaiting.until(() -> refused("message", "replayed") == 2);
    b.commands().sendAll(new Command.Drain());
    Awaiting.until(() -> heard.size() == 2 && atB.size() == 1);
    assertThat(heard).containsExactly(kick, new Command.Drain());
    assertThat(atB).containsExactly(new Command.Drain());
  }

  private JedisPubSub recorder() {
    return new JedisPubSub() {
      @Override
      public void onMessage(String channel, String message) {
        seen.add(message);
      }
    };
  }

  @Test
  void moveThatNobodyHasSignedLeadsNowhere() throws Exception {
    RedisCluster a = listening();
    a.handoffLocations().moved("a.secret", B);
    SessionLocation there = new SessionLocation.At(B);
    Awaiting.until(() -> where(a, "a.secret").equals(there));
    String signed = attacker.get("{holdfast}:moved:" + PidHash.of("a.secret"));

    attacker.set("{holdfast}:moved:" + PidHash.of("a.secret"), "evil");
    attacker.set("{holdfast}:moved:" + PidHash.of("a.other"), signed);

    assertThat(where(a, "a.secret")).isEqualTo(new SessionLocation.Nowhere());
    assertThat(where(a, "a.other")).isEqualTo(new SessionLocation.Nowhere());
    assertThat(refused("move", "forged")).isEqualTo(1);
    assertThat(refused("move", "foreign")).isEqualTo(1);
  }

  private static SessionLocation where(RedisCluster node, String pid) {
    CompletableFuture<SessionLocation> answer = new CompletableFuture<>();
    node.handoffLocations().find(pid, answer::complete);
    return answer.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void sessionThatNobodyHasSignedIsNotCounted() throws Exception {
    RedisCluster b = node("b", 0, SECRET);
    b.sessions().open().is(session("u1"));
    b.sessions().open().is(session("u2"));
    Awaiting.until(() -> attacker.hlen("{holdfast}:sessions:b") == 4);
    String signed = attacker.hget("{holdfast}:sessions:b", "1");

    attacker.hset("{holdfast}:sessions:b", "2", signed.replace("u1", "u3"));
    RedisCluster a = listening();

    Awaiting.until(() -> !a.sessions().remoteSessions().upstreamsOf("u1").isEmpty());
    assertThat(refused("session", "forged")).isPositive();
    assertThat(a.sessions().remoteSessions().upstreamsOf("u3")).isEmpty();
    assertThat(a.sessions().remoteSessions().clientsAt("192.0.2.1")).isEqualTo(1);
  }

  private static SessionRecord session(String user) {
    return new SessionRecord("s1", user, "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  }

  @Test
  void registrationThatIsPutBackIsNotBelieved() throws Exception {
    RedisCluster a = listening();
    RedisCluster b = node("b", 0, SECRET);
    Awaiting.until(() -> knows(a, "b"));
    Map<String, String> copy = attacker.hgetAll("{holdfast}:node:b");
    b.close();
    Awaiting.until(() -> !knows(a, "b"));

    attacker.hset("{holdfast}:node:b", copy);
    attacker.sadd("{holdfast}:nodes", "b");

    Awaiting.until(() -> refused("registration", "replayed") > 0);
    assertThat(knows(a, "b")).isFalse();
  }

  /** The secrets of two nodes while a secret is changed on one after the other. */
  @ParameterizedTest
  @CsvSource({
    "'redis',                'redis,a secret of all nodes'",
    "'redis,a secret of all nodes', 'a secret of all nodes,redis'",
    "'a secret of all nodes,redis', 'a secret of all nodes'",
    "'an older secret of all', 'an older secret of all,a secret of all nodes'",
    "'an older secret of all,a secret of all nodes', 'a secret of all nodes,an older secret of all'",
    "'a secret of all nodes,an older secret of all', 'a secret of all nodes'",
  })
  void nodesWorkTogetherWhileTheSecretIsChanged(String before, String after) throws Exception {
    for (List<String> order : List.of(List.of(before, after), List.of(after, before))) {
      beginWithNothing();
      RedisCluster first = node("a", 0, order.get(0));
      Awaiting.until(() -> first.nodes().all().size() == 1);
      RedisCluster second = node("b", 0, order.get(1));
      List<Command> atFirst = new CopyOnWriteArrayList<>();
      List<Command> atSecond = new CopyOnWriteArrayList<>();
      first.commands().onCommand(atFirst::add);
      second.commands().onCommand(atSecond::add);
      Awaiting.until(() -> knows(first, "b") && knows(second, "a"));
      Awaiting.until(() -> first.problem().isEmpty() && second.problem().isEmpty());

      first.commands().send(B, new Command.KickUser("1"));
      second.commands().send(new NodeId("a"), new Command.KickUser("2"));
      first.handoffLocations().moved("x.pid", B);

      Awaiting.until(() -> !atFirst.isEmpty() && !atSecond.isEmpty());
      Awaiting.until(() -> where(second, "x.pid").equals(new SessionLocation.At(B)));
      second.close();
      first.close();
    }
  }

  @Test
  void nodesWithDifferentSecretsDoNotKnowEachOther() throws Exception {
    RedisCluster a = listening();
    RedisCluster b = node("b", 0, "another secret of nodes");

    Awaiting.until(() -> b.nodes().all().size() == 1 && refused("registration", "forged") > 1);
    assertThat(knows(a, "b") || knows(b, "a")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-29000, true", "29000, true", "-45000, false", "45000, false"})
  void nodeWhoseClockIsWrongIsNamed(long ahead, boolean tolerated) throws Exception {
    try (LogLines log = new LogLines()) {
      RedisCluster a = listening();
      RedisCluster b = node("b", ahead, SECRET);
      if (tolerated) {
        Awaiting.until(() -> knows(a, "b") && knows(b, "a") && b.problem().isEmpty());
        Command kick = new Command.KickUser("u1");
        b.commands().send(new NodeId("a"), kick);
        Awaiting.until(() -> heard.contains(kick));
      } else {
        Awaiting.until(() -> log.lines().stream().anyMatch(it -> it.contains("clock of node b")));
      }

      assertThat(log.lines().stream().anyMatch(it -> it.contains("clock of node")))
          .isEqualTo(!tolerated);
    }
  }

  @Test
  void nodeThatTrustsRedisSaysSoOnce() throws Exception {
    try (LogLines log = new LogLines()) {
      RedisCluster a = node("a", 0, "");
      Awaiting.until(() -> a.nodes().all().size() == 1);
      node("b", 0, SECRET);

      assertThat(log.lines()).filteredOn(line -> line.equals(SigningKeys.ADVICE)).hasSize(1);
    }
  }
}
