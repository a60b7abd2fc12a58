package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.time.ManualTimers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ReachabilityTest {
  private static final NodeId SELF = new NodeId("self");
  private static final Optional<String> REACHED = Optional.empty();
  private static final Optional<String> REFUSED = Optional.of("b.test/10.0.0.2:8000: refused");

  /** Until a node that has joined is dialled at the latest. */
  private static final Duration SOON = Reachability.FIRST.multipliedBy(2);

  /** Until a node that was not reached is dialled again at the latest. */
  private static final Duration NEXT = Reachability.AGAIN.multipliedBy(5).dividedBy(4);

  private final ManualTimers clock = new ManualTimers();
  private final Deque<Dialled> dials = new ArrayDeque<>();
  private final Reachability reachability =
      new Reachability(
          SELF,
          clock,
          (where, found) -> dials.add(new Dialled(where, found)),
          new SplittableRandom(1));
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  private record Dialled(InetSocketAddress where, Consumer<Optional<String>> found) {}

  @BeforeEach
  void listen() {
    logger().setLevel(Level.INFO);
    log.start();
    logger().addAppender(log);
    reachability.joined(member("self", "10.0.0.1"));
  }

  @AfterEach
  void leave() {
    logger().detachAppender(log);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(Reachability.class);
  }

  private static Member member(String id, String host) {
    return new Member(
        new NodeId(id), "first", InetSocketAddress.createUnresolved(host, 8000), "", false, 0);
  }

  /** The dial that has been made, and no other, has this end. */
  private void ends(Optional<String> problem) {
    assertThat(dials).hasSize(1);
    dials.remove().found().accept(problem);
  }

  private void joinsAndIs(Member node, Optional<String> problem) {
    reachability.joined(node);
    clock.pass(SOON);
    ends(problem);
  }

  private List<String> lines() {
    return log.list.stream().map(it -> it.getLevel() + " " + it.getFormattedMessage()).toList();
  }

  private List<String> unreached() {
    return reachability.unreached().stream().map(it -> it.node().value()).toList();
  }

  @Test
  void nodeThatJoinsIsDialledSoonWhereItIsRegistered() {
    reachability.joined(member("b", "b.test"));
    assertThat(dials).isEmpty();

    clock.pass(SOON);

    assertThat(dials)
        .singleElement()
        .extracting(Dialled::where)
        .isEqualTo(InetSocketAddress.createUnresolved("b.test", 8000));
  }

  @Test
  void trialThatThrowsIsMadeAgain() {
    Deque<Runnable> trials = new ArrayDeque<>();
    Reachability failing =
        new Reachability(
            SELF,
            clock,
            (where, found) -> {
              trials.add(() -> found.accept(REACHED));
              if (trials.size() == 1) {
                throw new IllegalStateException("a fault");
              }
            },
            new SplittableRandom(1));
    failing.joined(member("b", "b.test"));

    clock.pass(SOON);

    assertThat(trials).hasSize(1);
    assertThat(failing.state().orElse("")).contains("internal error of this node");
    clock.pass(NEXT);
    assertThat(trials).hasSize(2);
    trials.removeLast().run();
    assertThat(failing.unreached()).isEmpty();
  }

  @Test
  void nodeDoesNotDialItself() {
    clock.pass(SOON);

    assertThat(dials).isEmpty();
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void nodeThatIsReachedIsNotSpokenOfAndNotDialledAgain() {
    joinsAndIs(member("b", "b.test"), REACHED);

    clock.pass(NEXT.multipliedBy(100));

    assertThat(dials).isEmpty();
    assertThat(clock.waiting()).isZero();
    assertThat(lines()).isEmpty();
    assertThat(reachability.unreached()).isEmpty();
    assertThat(reachability.state()).isEmpty();
  }

  @Test
  void nodeThatIsNotReachedIsNamedWithAddressProblemAndAdvice() {
    joinsAndIs(member("b", "b.test"), REFUSED);

    String said =
        "node b cannot be reached at b.test:8000 (b.test/10.0.0.2:8000: refused): check"
            + " node.advertise of b and the firewalls in between";
    assertThat(lines()).containsExactly("WARN " + said);
    assertThat(reachability.state()).contains(said);
    assertThat(unreached()).containsExactly("b");
  }

  @Test
  void nodeThatIsNotReachedIsDialledAgainAndNotNamedAgain() {
    joinsAndIs(member("b", "b.test"), REFUSED);
    for (int i = 0; i < 10; i++) {
      clock.pass(NEXT);
      ends(Optional.of("timeout " + i));
    }

    assertThat(lines()).hasSize(1);
    assertThat(reachability.state()).get().asString().contains("(timeout 9)");
  }

  @Test
  void nodeIsNotDialledAgainBeforeThreeQuartersOfTheInterval() {
    joinsAndIs(member("b", "b.test"), REFUSED);

    clock.pass(Reachability.AGAIN.multipliedBy(3).dividedBy(4).minusMillis(1));

    assertThat(dials).isEmpty();
  }

  @Test
  void nodesThatJoinTogetherAreNotDialledAtTheSameMoment() {
    for (int i = 0; i < 20; i++) {
      reachability.joined(member("n" + i, "10.0.1." + i));
    }
    clock.pass(Reachability.FIRST.multipliedBy(3).dividedBy(2));

    assertThat(dials).hasSizeBetween(1, 19);
  }

  @Test
  void oneDialIsOpenForANodeAtATime() {
    reachability.joined(member("b", "b.test"));

    clock.pass(NEXT.multipliedBy(10));

    assertThat(dials).hasSize(1);
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void nodeThatIsReachedLaterIsNamedOnceMore() {
    joinsAndIs(member("b", "b.test"), REFUSED);
    clock.pass(NEXT);
    ends(REACHED);

    assertThat(lines()).hasSize(2);
    assertThat(lines().get(1))
        .matches("INFO node b is reachable again at b.test:8000 after 1[0-2] s");
    assertThat(reachability.state()).isEmpty();
    assertThat(unreached()).isEmpty();
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void nodeThatLeavesIsForgotten() {
    joinsAndIs(member("b", "b.test"), REFUSED);
    reachability.left(member("b", "b.test"));
    clock.pass(NEXT);

    assertThat(dials).isEmpty();
    assertThat(clock.waiting()).isZero();
    assertThat(unreached()).isEmpty();
    assertThat(lines()).hasSize(1);
  }

  @Test
  void whatADialFindsAfterItsNodeHasLeftIsNotSaid() {
    reachability.joined(member("b", "b.test"));
    clock.pass(SOON);
    reachability.left(member("b", "b.test"));
    ends(REFUSED);

    assertThat(lines()).isEmpty();
    assertThat(unreached()).isEmpty();
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void nodeThatCameBackElsewhereIsJudgedByItsNewAddress() {
    joinsAndIs(member("b", "old.test"), REFUSED);
    clock.pass(NEXT);
    Dialled old = dials.remove();
    reachability.left(member("b", "old.test"));
    joinsAndIs(member("b", "new.test"), REACHED);
    old.found().accept(REFUSED);

    assertThat(unreached()).isEmpty();
    assertThat(lines()).hasSize(1);
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void addressOfThisNodeIsNoAddressOfAnother() {
    reachability.joined(member("b", "10.0.0.1"));
    clock.pass(SOON);

    assertThat(dials).isEmpty();
    assertThat(reachability.state())
        .get()
        .asString()
        .startsWith(
            "node b cannot be reached at 10.0.0.1:8000 (node self is registered at the same address");
  }

  @Test
  void stateNamesAFewAndSaysHowManyMore() {
    for (int i = 0; i < 12; i++) {
      reachability.joined(member("n" + (char) ('a' + i), "10.0.1." + i));
    }
    clock.pass(SOON);
    dials.forEach(each -> each.found().accept(REFUSED));

    assertThat(unreached()).hasSize(12).isSorted();
    assertThat(reachability.state())
        .get()
        .asString()
        .contains("node ne cannot")
        .doesNotContain("node nf cannot")
        .endsWith("; and 7 more");
  }

  @Test
  void noMoreNodesAreDialledThanTheBound() {
    for (int i = 0; i <= Reachability.MOST; i++) {
      reachability.joined(member("n" + i, "n" + i + ".test"));
    }
    clock.pass(SOON);

    assertThat(dials).hasSize(Reachability.MOST);
  }
}
