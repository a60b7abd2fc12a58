package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.time.WallClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/** What becomes of commands to other nodes while Redis, or one of the nodes, is away. */
class RedisCommandsIT {
  private final List<RedisCluster> open = new ArrayList<>();
  private RedisProcess redis;
  private RedisCluster a;
  private RedisCluster b;

  @BeforeEach
  void twoNodesKnowEachOther() throws Exception {
    redis = RedisProcess.start();
    a = node("a");
    b = node("b");
    Awaiting.until(() -> knows(a, "b") && knows(b, "a"));
    awaitOk();
  }

  @AfterEach
  void stop() {
    open.forEach(RedisCluster::close);
    redis.close();
  }

  private RedisCluster node(String name, String... keysAndValues) throws IOException {
    RedisCluster node = notJoined(name, keysAndValues);
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", 1000 + open.size()));
    return node;
  }

  private RedisCluster notJoined(String name, String... keysAndValues) throws IOException {
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
    return node;
  }

  private static boolean knows(RedisCluster node, String other) {
    return node.peers().find(new NodeId(other)).isPresent();
  }

  private void awaitDegraded(String kind) throws InterruptedException {
    for (RedisCluster node : List.of(a, b)) {
      Awaiting.until(() -> node.problem().filter(it -> it.startsWith(kind)).isPresent());
    }
  }

  private void awaitOk() throws InterruptedException {
    Awaiting.until(() -> a.problem().isEmpty() && b.problem().isEmpty());
  }

  private List<Command> heardBy(RedisCluster node) {
    List<Command> heard = new CopyOnWriteArrayList<>();
    node.commands().onCommand(heard::add);
    return heard;
  }

  @Test
  void revocationReachesAllNodesOnce() throws Exception {
    List<Command> here = heardBy(a);
    List<Command> there = heardBy(b);
    Command command = new Command.RevokeUser("u1");

    a.commands().sendAll(command);

    Awaiting.until(() -> there.contains(command));
    assertThat(here).containsExactly(command);
    // Both have missed nothing, and read it once more.
    redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    awaitOk();
    a.commands().sendAll(new Command.RevokeUser("u2"));
    Awaiting.until(() -> there.size() >= 2 && here.size() >= 2);
    assertThat(here).doesNotHaveDuplicates();
    assertThat(there).doesNotHaveDuplicates();
  }

  @Test
  void revocationWhileRedisIsAwayReachesAllNodesWhenItIsBackEmpty() throws Exception {
    List<Command> heard = heardBy(b);
    redis.kill();
    awaitDegraded("unreachable");
    Command command = new Command.RevokeToken("hash");
    a.commands().sendAll(command);

    redis.startAgain();

    Awaiting.until(() -> heard.contains(command));
  }

  @Test
  void nodeThatWasAwayFromRedisHearsWhatWasRevokedMeanwhile() throws Exception {
    redis.command("ACL", "SETUSER", "c", "on", ">pw", "~*", "&*", "+@all");
    RedisCluster c = node("c", "redis.username", "c", "redis.password", "pw");
    List<Command> heard = heardBy(c);
    Awaiting.until(() -> c.problem().isEmpty() && knows(a, "c"));
    redis.command("ACL", "SETUSER", "c", "off");
    redis.command("CLIENT", "KILL", "USER", "c");
    Awaiting.until(() -> c.problem().filter(it -> it.startsWith("auth")).isPresent());
    Command command = new Command.RevokeToken("hash");
    List<Command> there = heardBy(b);
    a.commands().sendAll(command);
    Awaiting.until(() -> there.contains(command));

    redis.command("ACL", "SETUSER", "c", "on");

    Awaiting.until(() -> heard.contains(command));
  }

  @Test
  void revocationThatNobodyHasSignedIsNotFollowed() throws Exception {
    List<Command> heard = heardBy(b);
    Command genuine = new Command.RevokeToken("hash");
    a.commands().sendAll(genuine);
    Awaiting.until(() -> heard.contains(genuine));
    try (Jedis jedis = redis.jedis()) {
      Map<String, String> kept = jedis.hgetAll("{holdfast}:revoked");
      String signed = kept.values().iterator().next();
      // Made up, and copied to another id.
      jedis.hset("{holdfast}:revoked", "x-1", "revoke-user=u1&issued=" + WallClock.millis() + " s");
      jedis.hset("{holdfast}:revoked", "x-2", signed);
      jedis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "pubsub");
      awaitDegraded("unreachable");
    }
    awaitOk();
    Command last = new Command.RevokeToken("last");
    a.commands().sendAll(last);

    Awaiting.until(() -> heard.contains(last));
    assertThat(heard).containsExactly(genuine, last);
  }

  @Test
  void commandThatComesBeforeANodeHasReachedRedisIsSent() throws Exception {
    List<Command> heard = heardBy(b);
    RedisCluster late = notJoined("late");
    Command toAll = new Command.KickUser("u1");
    Command toOne = new Command.KickUser("u2");
    late.commands().sendAll(toAll);
    late.commands().send(new NodeId("b"), toOne);

    late.join(InetSocketAddress.createUnresolved("127.0.0.1", 1));

    Awaiting.until(() -> heard.contains(toAll) && heard.contains(toOne));
  }

  @Test
  void commandThatIsNotSentIsNamedInTheLog() throws Exception {
    redis.kill();
    awaitDegraded("unreachable");
    try (LogLines log = new LogLines()) {
      a.commands().sendAll(new Command.KickUser("u1"));

      Awaiting.until(
          () ->
              log.lines().stream()
                  .anyMatch(
                      line -> line.contains("command kick-user was not sent to other nodes")));
      assertThat(log.lines()).noneMatch(line -> line.contains("u1"));
    }
  }
}
