package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.cluster.Signed;
import dev.holdfast.cluster.Validity;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.time.WallClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/**
 * Each way in which Redis can fail two nodes, and that they find each other again by themselves.
 */
class RedisFaultsIT {
  private static final RejectionLog REFUSALS = new RejectionLog((kind, reason) -> {}, () -> 0);
  private static final List<String> SAID = List.of("said");
  private static final String SESSIONS_OF_B = "{holdfast}:sessions:b";

  private final List<RedisCluster> open = new ArrayList<>();
  private final List<String> gone = new CopyOnWriteArrayList<>();
  private RedisProcess redis;
  private RedisCluster a;
  private RedisCluster b;
  private Sessions.Entry session;

  @BeforeEach
  void twoNodesKnowEachOther() throws Exception {
    redis = RedisProcess.start();
    a = node("a");
    b = node("b");
    session = b.sessions().open();
    session.is(session("x:80"));
    Awaiting.until(() -> knows(a, "b") && knows(b, "a") && upstream("x:80"));
    a.nodes()
        .onChange(
            new Nodes.Listener() {
              @Override
              public void joined(Member node) {}

              @Override
              public void left(Member node) {
                gone.add(node.id().value());
              }
            });
  }

  @AfterEach
  void stop() {
    open.forEach(RedisCluster::close);
    redis.close();
  }

  private RedisCluster node(String name, String... keysAndValues) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.url", redis.url());
    settings.put("redis.command-timeout", "500ms");
    settings.put("node.beat", "200ms");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    RedisCluster node =
        RedisCluster.start(
            Settings.of(settings), new NodeId(name), new RedisMetrics(new Metrics().registry()));
    open.add(node);
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", 1000 + open.size()));
    return node;
  }

  private static SessionRecord session(String upstream) {
    return new SessionRecord("s1", "u1", upstream, "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  }

  private static boolean knows(RedisCluster node, String other) {
    return node.peers().find(new NodeId(other)).isPresent();
  }

  private boolean upstream(String name) {
    return a.sessions().remoteSessions().upstreamsOf("u1").equals(Map.of(name, 1));
  }

  private void awaitDegraded(String kind) throws InterruptedException {
    for (RedisCluster node : List.of(a, b)) {
      Awaiting.until(() -> node.problem().filter(it -> it.startsWith(kind)).isPresent());
    }
  }

  private void awaitOk() throws InterruptedException {
    Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
  }

  private boolean isRegistered(String value) {
    try (Jedis jedis = redis.jedis()) {
      return jedis.hgetAll(SESSIONS_OF_B).values().stream().anyMatch(it -> it.contains(value));
    }
  }

  private boolean isAt(String node, String pid) {
    return where(pid).equals(new SessionLocation.At(new NodeId(node)));
  }

  private SessionLocation where(String pid) {
    CompletableFuture<SessionLocation> answer = new CompletableFuture<>();
    a.handoffLocations().find(pid, answer::complete);
    return answer.join();
  }

  /** What each fault must leave behind. */
  private void everythingIsThereAgain() throws InterruptedException {
    session.is(session("y:80"));

    Awaiting.until(() -> isRegistered("y%3A80") && upstream("y:80"));
    assertThat(knows(a, "b") && knows(b, "a")).isTrue();
    assertThat(gone).isEmpty();
  }

  @Test
  void pausedRedisChangesNothing() throws Exception {
    redis.pause();
    awaitDegraded("timeout");

    assertThat(knows(a, "b")).isTrue();
    assertThat(upstream("x:80")).isTrue();
    Duration silence = ((SessionLocation.Unknown) where("c.secret")).silence();
    assertThat(silence).isPositive();
    assertThat(((SessionLocation.Unknown) where("c.secret")).silence()).isGreaterThan(silence);
    redis.resume();

    awaitOk();
    everythingIsThereAgain();
  }

  @Test
  void redisThatStartsAgainEmptyIsFilledAgain() throws Exception {
    String signature = a.peers().keys().orElseThrow().sign(Signed.MOVE, SAID);
    b.handoffLocations().moved("c.secret", new NodeId("b"));
    Awaiting.until(() -> isAt("b", "c.secret"));
    redis.kill();
    awaitDegraded("unreachable");

    redis.startAgain();

    awaitOk();
    Awaiting.until(() -> isRegistered("x%3A80") && isAt("b", "c.secret"));
    everythingIsThereAgain();
    assertThat(b.peers().keys().orElseThrow().verifies(Signed.MOVE, SAID, signature)).isTrue();
  }

  @Test
  void changesThatComeWhileRedisIsAwayAreWrittenLater() throws Exception {
    redis.kill();
    awaitDegraded("unreachable");
    session.close();
    b.sessions().open().is(session("z:80"));
    b.handoffLocations().moved("c.secret", new NodeId("b"));

    redis.startAgain();

    Awaiting.until(() -> upstream("z:80") && isAt("b", "c.secret"));
    assertThat(isRegistered("x%3A80")).isFalse();
  }

  @Test
  void flushedRedisIsFilledAgain() throws Exception {
    redis.command("FLUSHALL");

    Awaiting.until(() -> isRegistered("x%3A80"));
    everythingIsThereAgain();
  }

  @Test
  void lostHashOfSessionsIsWrittenAgain() throws Exception {
    redis.command("DEL", SESSIONS_OF_B);

    Awaiting.until(() -> isRegistered("x%3A80"));
    everythingIsThereAgain();
  }

  @Test
  void fullRedisIsNamedAndWaitedFor() throws Exception {
    redis.command("CONFIG", "SET", "maxmemory", "1");
    awaitDegraded("memory");

    redis.command("CONFIG", "SET", "maxmemory", "0");

    awaitOk();
    everythingIsThereAgain();
  }

  @Test
  void replicaIsNamedAndWaitedFor() throws Exception {
    redis.command("REPLICAOF", "127.0.0.1", "1");
    awaitDegraded("read-only");

    redis.command("REPLICAOF", "NO", "ONE");

    awaitOk();
    everythingIsThereAgain();
  }

  @Test
  void passwordThatChangesIsNamedAndWaitedFor() throws Exception {
    try (Jedis operator = redis.jedis()) {
      operator.configSet("requirepass", "other");
      operator.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "pubsub");
      operator.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
      awaitDegraded("auth");

      operator.configSet("requirepass", "");
    }

    awaitOk();
    everythingIsThereAgain();
  }

  @Test
  void nodeWithAWrongPasswordWorksAlone() throws Exception {
    redis.command("CONFIG", "SET", "requirepass", "right");

    RedisCluster c = node("c", "redis.password", "wrong");

    Awaiting.until(() -> c.problem().filter(it -> it.startsWith("auth")).isPresent());
    assertThat(c.problem().orElseThrow()).doesNotContain("wrong");
    assertThat(c.peers().keys()).isEmpty();
    assertThat(knows(c, "a")).isFalse();
  }

  @Test
  void lostSubscriptionIsOpenedAgain() throws Exception {
    List<Command> heard = new CopyOnWriteArrayList<>();
    a.commands().onCommand(heard::add);

    redis.command("CLIENT", "KILL", "TYPE", "pubsub");

    Command command = new Command.KickUser("u1");
    Awaiting.until(
        () -> {
          b.commands().send(new NodeId("a"), command);
          return heard.contains(command);
        });
    awaitOk();
    everythingIsThereAgain();
  }

  @Test
  void listenerThatThrowsDeafensNobodyElse() throws Exception {
    List<Command> heard = new CopyOnWriteArrayList<>();
    try (LogLines log = new LogLines()) {
      a.commands()
          .onCommand(
              command -> {
                throw new OutOfMemoryError("a fault of a listener");
              });
      a.commands().onCommand(heard::add);

      b.commands().send(new NodeId("a"), new Command.KickUser("u1"));
      Awaiting.until(() -> !heard.isEmpty());
      b.commands().send(new NodeId("a"), new Command.KickUser("u2"));
      Awaiting.until(() -> heard.size() == 2);

      assertThat(log.traces()).containsExactly("a fault of a listener", "a fault of a listener");
      assertThat(log.lines()).noneMatch(line -> line.contains("degraded"));
    }
    everythingIsThereAgain();
  }

  @Test
  void whoThrowsAtAnAnswerHearsItOnceAndStopsNothing() throws Exception {
    List<SessionLocation> answers = new CopyOnWriteArrayList<>();
    try (LogLines log = new LogLines()) {
      a.handoffLocations()
          .find(
              "c.secret",
              answer -> {
                answers.add(answer);
                throw new OutOfMemoryError("a fault of who asked");
              });

      Awaiting.until(() -> !log.traces().isEmpty());
      everythingIsThereAgain();
      assertThat(where("c.secret")).isNotInstanceOf(SessionLocation.Unknown.class);

      assertThat(answers).hasSize(1);
      assertThat(log.traces()).containsExactly("a fault of who asked");
      assertThat(log.lines()).noneMatch(line -> line.contains("degraded"));
    }
  }

  @Test
  void nodeThatCrashesIsGoneWithItsSessions() throws Exception {
    try (Jedis jedis = redis.jedis()) {
      jedis.hset("{holdfast}:node:c", Map.of("registration", registrationOfC()));
      jedis.hset(
          "{holdfast}:sessions:c", Map.of("#incarnation", "i", "#rev", "1", "1", sessionOfC()));
      jedis.sadd("{holdfast}:nodes", "c");
      Awaiting.until(() -> !a.sessions().remoteSessions().upstreamsOf("u2").isEmpty());

      jedis.pexpire("{holdfast}:node:c", 1);

      Awaiting.until(() -> gone.contains("c"));
      assertThat(a.sessions().remoteSessions().upstreamsOf("u2")).isEmpty();
      Awaiting.until(() -> !jedis.sismember("{holdfast}:nodes", "c"));
      assertThat(jedis.ttl(SESSIONS_OF_B)).isNotNegative();
    }
  }

  private String sessionOfC() {
    SessionRecord session =
        new SessionRecord("s2", "u2", "x", "192.0.2.2", 7, SessionRecord.State.LIVE, false);
    return new SessionTrust(a.peers()::keys, REFUSALS)
        .sign(new Incarnation(new NodeId("c"), "i"), "1", session)
        .orElseThrow();
  }

  private String registrationOfC() {
    RegistrationTrust trust = new RegistrationTrust(a.peers()::keys, REFUSALS, WallClock::millis);
    InetSocketAddress address = InetSocketAddress.createUnresolved("h", 1);
    return trust
        .sign(
            new RegistrationRecord(
                new Member(new NodeId("c"), "i", address, "", false, 1),
                1,
                WallClock.millis(),
                Validity.from(WallClock.millis(), Duration.ofMinutes(1))))
        .orElseThrow();
  }

  @Test
  void nodesLeaveNothingButTheirKeyBehind() throws Exception {
    a.close();
    b.close();

    try (Jedis jedis = redis.jedis()) {
      assertThat(jedis.keys("*")).containsExactly("{holdfast}:key");
    }
  }

  @Test
  void manyChangesAreWrittenInAFewCommands() throws Exception {
    List<Sessions.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      entries.add(b.sessions().open());
      entries.get(i).is(session("x:80"));
    }
    Awaiting.until(() -> a.sessions().remoteSessions().clientsAt("192.0.2.1") == 20_001);

    entries.forEach(Sessions.Entry::close);

    Awaiting.until(() -> a.sessions().remoteSessions().clientsAt("192.0.2.1") == 1);
    try (Jedis jedis = redis.jedis()) {
      Awaiting.until(() -> jedis.hlen(SESSIONS_OF_B) == 3);
      assertThat(calls(jedis, "eval")).isLessThan(500);
    }
  }

  private static long calls(Jedis jedis, String command) {
    return jedis
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
        .mapToLong(line -> Long.parseLong(line.replaceFirst(".*?calls=(\\d+).*", "$1")))
        .sum();
  }
}
