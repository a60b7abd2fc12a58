package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.Awaiting;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What nodes may expect of their cluster, whatever it is made of. */
public abstract class ClusterContract {
  private static final SharedRateLimit.Rate SLOW = new SharedRateLimit.Rate(1, 5);

  private final List<Cluster> open = new ArrayList<>();

  /** A node that has not joined. */
  protected abstract Cluster create(NodeId id) throws Exception;

  @AfterEach
  void leave() {
    open.forEach(Cluster::close);
  }

  protected Cluster node(String name, int port) throws Exception {
    Cluster node = create(new NodeId(name));
    open.add(node);
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", port));
    return node;
  }

  private static SessionRecord session(String user, String upstream, String address) {
    return new SessionRecord("s1", user, upstream, address, 7, SessionRecord.State.LIVE, false);
  }

  private static boolean knows(Cluster node, String other) {
    return node.peers().find(new NodeId(other)).isPresent();
  }

  @Test
  void nodesFindEachOtherAtTheAddressThatTheyAdvertise() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);

    Awaiting.until(() -> knows(a, "b") && knows(b, "a"));

    assertThat(a.peers().find(new NodeId("b")).map(Member::address))
        .contains(InetSocketAddress.createUnresolved("127.0.0.1", 1002));
    assertThat(a.peers().find(new NodeId("c"))).isEmpty();
    assertThat(a.nodes().all()).extracting(each -> each.id().value()).containsExactly("a", "b");
  }

  @Test
  void nodeIsNoPeerOfItself() throws Exception {
    Cluster a = node("a", 1001);

    Awaiting.until(() -> a.nodes().all().size() == 1);

    assertThat(a.peers().self()).isEqualTo(new NodeId("a"));
    assertThat(a.peers().find(new NodeId("a"))).isEmpty();
  }

  @Test
  void nodesHaveTheSameKey() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);

    Awaiting.until(() -> a.peers().keys().isPresent() && b.peers().keys().isPresent());

    assertThat(areBelieved(a, b)).isTrue();
    assertThat(areBelieved(b, a)).isTrue();
  }

  /** Whether what one node signs is believed by the other. */
  protected static boolean areBelieved(Cluster signs, Cluster reads) {
    List<String> said = List.of("said");
    String signature = signs.peers().keys().orElseThrow().sign(Signed.MOVE, said);
    return reads.peers().keys().orElseThrow().verifies(Signed.MOVE, said, signature);
  }

  @Test
  void nodesKnowWhichStartOfAnotherIsThere() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);

    Awaiting.until(() -> knows(a, "b"));

    assertThat(a.peers().find(new NodeId("b")).map(Member::start))
        .contains(b.peers().incarnation());
    assertThat(a.peers().incarnation()).isNotEqualTo(b.peers().incarnation());
  }

  @Test
  void nodesSeeWhoJoinsDrainsAndLeaves() throws Exception {
    Cluster a = node("a", 1001);
    List<String> seen = new CopyOnWriteArrayList<>();
    a.nodes()
        .onChange(
            new Nodes.Listener() {
              @Override
              public void joined(Member node) {
                seen.add("+" + node.id());
              }

              @Override
              public void left(Member node) {
                seen.add("-" + node.id());
              }
            });

    Cluster b = node("b", 1002);
    Awaiting.until(() -> seen.contains("+b"));
    b.draining();
    Awaiting.until(() -> a.nodes().all().stream().anyMatch(Member::draining));
    b.close();
    Awaiting.until(() -> seen.contains("-b"));

    assertThat(seen).containsSubsequence("+b", "-b").doesNotHaveDuplicates();
    assertThat(a.peers().find(new NodeId("b"))).isEmpty();
  }

  @Test
  void nodesListTheSessionsOfAll() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    a.sessions().open().is(session("u1", "x:80", "192.0.2.1"));
    b.sessions().open().is(session("u2", "y:80", "192.0.2.2"));

    Awaiting.until(() -> !b.sessions().all().getOrDefault(new NodeId("a"), List.of()).isEmpty());

    Map<NodeId, Collection<SessionRecord>> all = b.sessions().all();
    assertThat(all.get(new NodeId("a"))).containsExactly(session("u1", "x:80", "192.0.2.1"));
    assertThat(all.get(new NodeId("b"))).containsExactly(session("u2", "y:80", "192.0.2.2"));
  }

  @Test
  void nodesKnowOfTheSessionsOfOthers() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    Sessions.Entry first = b.sessions().open();
    Sessions.Entry second = b.sessions().open();

    first.is(session("u&1=\n", "x:80", "192.0.2.1"));
    second.is(session("u&1=\n", "y:80", "192.0.2.1"));

    RemoteSessions remoteSessions = a.sessions().remoteSessions();
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 2);
    assertThat(remoteSessions.upstreamsOf("u&1=\n")).isEqualTo(Map.of("x:80", 1, "y:80", 1));
    assertThat(b.sessions().remoteSessions().upstreamsOf("u&1=\n")).isEmpty();
  }

  @Test
  void nodesFollowTheChangesOfSessions() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    Sessions.Entry entry = b.sessions().open();
    RemoteSessions remoteSessions = a.sessions().remoteSessions();
    entry.is(session("", "x:80", "192.0.2.1"));
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 1);

    entry.is(session("u1", "y:80", "192.0.2.1"));
    Awaiting.until(() -> remoteSessions.upstreamsOf("u1").equals(Map.of("y:80", 1)));
    entry.is(session("u1", "y:80", "192.0.2.1").in(SessionRecord.State.PARKED));
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 0);
    assertThat(remoteSessions.upstreamsOf("u1")).isEqualTo(Map.of("y:80", 1));
    entry.close();

    Awaiting.until(() -> remoteSessions.upstreamsOf("u1").isEmpty());
  }

  @Test
  void clientThatComesThroughANodeCountsThereOnly() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    Sessions.Entry entry = b.sessions().open();
    RemoteSessions remoteSessions = a.sessions().remoteSessions();
    SessionRecord direct = session("u1", "x:80", "192.0.2.1");
    entry.is(direct);
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 1);

    SessionRecord through =
        new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, true);
    entry.is(through);
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 0);
    assertThat(remoteSessions.upstreamsOf("u1")).isEqualTo(Map.of("x:80", 1));
    assertThat(a.sessions().all().get(new NodeId("b"))).containsExactly(through);

    entry.is(direct);
    Awaiting.until(() -> remoteSessions.clientsAt("192.0.2.1") == 1);
  }

  @Test
  void nodeThatJoinsLaterLearnsOfTheSessionsThatAreThere() throws Exception {
    Cluster a = node("a", 1001);
    a.sessions().open().is(session("u1", "x:80", "192.0.2.1"));

    Cluster b = node("b", 1002);

    Awaiting.until(() -> b.sessions().remoteSessions().upstreamsOf("u1").equals(Map.of("x:80", 1)));
  }

  @Test
  void sessionsOfANodeGoWithIt() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    b.sessions().open().is(session("u1", "x:80", "192.0.2.1"));
    RemoteSessions remoteSessions = a.sessions().remoteSessions();
    Awaiting.until(() -> !remoteSessions.upstreamsOf("u1").isEmpty());

    b.close();

    Awaiting.until(
        () ->
            remoteSessions.upstreamsOf("u1").isEmpty()
                && remoteSessions.clientsAt("192.0.2.1") == 0);
  }

  @Test
  void sessionThatMovedIsFoundByItsPidOnly() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    Awaiting.until(() -> canAsk(a) && canAsk(b));

    a.handoffLocations().moved("a.secret", new NodeId("b"));

    SessionLocation there = new SessionLocation.At(new NodeId("b"));
    Awaiting.until(() -> where(b, "a.secret").equals(there));
    assertThat(where(a, "a.secret")).isEqualTo(there);
    assertThat(where(b, "a.other")).isEqualTo(new SessionLocation.Nowhere());
  }

  private static SessionLocation where(Cluster node, String pid) {
    CompletableFuture<SessionLocation> answer = new CompletableFuture<>();
    node.handoffLocations().find(pid, answer::complete);
    return answer.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void nodesShareABudget() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    Awaiting.until(() -> canAsk(a) && canAsk(b));

    SharedRateLimit.Grant first = take(a, "x:80", 3);
    SharedRateLimit.Grant second = take(b, "x:80", 5);
    SharedRateLimit.Grant third = take(a, "x:80", 5);

    assertThat(first).isEqualTo(new SharedRateLimit.Grant(3, Duration.ZERO));
    // Two, and one for each second that has passed; alone it would have five.
    assertThat(second.tokens()).isBetween(2, 4);
    assertThat(second.untilNext()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(third.tokens()).isLessThan(5);
    assertThat(take(b, "y:80", 9).tokens()).isEqualTo(5);
  }

  private static SharedRateLimit.Grant take(Cluster node, String name, int wanted) {
    return asked(node, name, wanted).orElseThrow();
  }

  private static boolean canAsk(Cluster node) {
    return asked(node, "nothing:80", 0).isPresent();
  }

  private static Optional<SharedRateLimit.Grant> asked(Cluster node, String name, int wanted) {
    CompletableFuture<Optional<SharedRateLimit.Grant>> answer = new CompletableFuture<>();
    node.rateLimit().take(name, SLOW, wanted, answer::complete);
    return answer.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void commandsReachTheirNodes() throws Exception {
    Cluster a = node("a", 1001);
    Cluster b = node("b", 1002);
    List<Command> atA = new CopyOnWriteArrayList<>();
    List<Command> atB = new CopyOnWriteArrayList<>();
    a.commands().onCommand(atA::add);
    b.commands().onCommand(atB::add);
    List<Command> probes = List.of(new Command.KickUser("a"), new Command.KickUser("b"));
    Awaiting.until(
        () -> {
          a.commands().sendAll(probes.get(0));
          b.commands().sendAll(probes.get(1));
          return atA.containsAll(probes) && atB.containsAll(probes);
        });
    List<Command> all =
        List.of(
            new Command.KickUser("u 1"),
            new Command.KickSession("s=1"),
            new Command.RevokeToken("00ff"),
            new Command.RevokeUser("u&2"),
            new Command.Drain(),
            new Command.DrainUpstream("http://x:80"),
            new Command.UndrainUpstream("x:80"),
            new Command.Ask(new NodeId("a"), "7", "why-user u&1"),
            new Command.Answer("7", "[{\"a\":\"b=c\\n\"}]"));

    all.forEach(command -> a.commands().send(new NodeId("b"), command));
    b.commands().sendAll(new Command.Drain());

    Awaiting.until(() -> atA.contains(new Command.Drain()) && count(atB, all) == all.size() + 1);
    assertThat(atB).containsSubsequence(all);
    assertThat(count(atA, all)).isOne();
  }

  private static long count(List<Command> heard, List<Command> those) {
    return heard.stream().filter(those::contains).count();
  }
}
