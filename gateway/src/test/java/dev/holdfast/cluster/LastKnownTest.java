package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.ManualTimers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastKnownTest {
  private static final Duration KEPT = Duration.ofMinutes(5);
  private static final Duration GIVE_UP = Duration.ofSeconds(15);
  private static final Duration INSTANT = Duration.ofNanos(1);
  private static final NodeId A = new NodeId("a");

  private final ManualTimers clock = new ManualTimers();
  private final LastKnown known = new LastKnown(clock, KEPT, GIVE_UP);

  private static InetSocketAddress address(String host) {
    return InetSocketAddress.createUnresolved(host, 8000);
  }

  private static Member member(NodeId id, String host) {
    return new Member(id, "first", address(host), "", false, 0);
  }

  @Test
  void nodeThatNeverLeftIsNeitherFoundNorGivenUp() {
    known.answered(A);
    clock.pass(GIVE_UP);

    assertThat(known.find(A)).isEmpty();
    assertThat(known.isGivenUp(A)).isFalse();
  }

  @Test
  void nodeThatLeftIsFoundWhereItWas() {
    known.leaving(member(A, "here"));
    known.leaving(member(new NodeId("b"), "there"));

    assertThat(known.find(A).map(Member::address)).contains(address("here"));
  }

  @Test
  void addressIsRememberedForItsTimeAndNoLonger() {
    known.leaving(member(A, "here"));

    clock.pass(KEPT);
    assertThat(known.find(A).map(Member::address)).contains(address("here"));

    clock.pass(INSTANT);
    assertThat(known.find(A)).isEmpty();
  }

  @Test
  void answerDoesNotKeepTheAddressForLonger() {
    known.leaving(member(A, "here"));
    clock.pass(KEPT);
    known.answered(A);
    clock.pass(INSTANT);

    assertThat(known.find(A)).isEmpty();
  }

  @Test
  void nodeIsGivenUpWhenItHasNotAnsweredForItsTime() {
    known.leaving(member(A, "here"));

    clock.pass(GIVE_UP.minus(INSTANT));
    assertThat(known.isGivenUp(A)).isFalse();

    clock.pass(INSTANT);
    assertThat(known.isGivenUp(A)).isTrue();
    assertThat(known.find(A).map(Member::address)).contains(address("here"));
  }

  @Test
  void answerPutsTheGivingUpOff() {
    known.leaving(member(A, "here"));
    clock.pass(GIVE_UP.minus(INSTANT));
    known.answered(A);

    clock.pass(GIVE_UP.minus(INSTANT));
    assertThat(known.isGivenUp(A)).isFalse();

    clock.pass(INSTANT);
    assertThat(known.isGivenUp(A)).isTrue();
  }

  @Test
  void nodeThatWasGivenUpAndAnswersIsNotGivenUpAnyMore() {
    known.leaving(member(A, "here"));
    clock.pass(GIVE_UP);
    known.answered(A);

    assertThat(known.isGivenUp(A)).isFalse();
  }

  @Test
  void nodeThatJoinsIsForgotten() {
    known.leaving(member(A, "here"));
    clock.pass(GIVE_UP);
    known.joined(member(A, "there"));

    assertThat(known.find(A)).isEmpty();
    assertThat(known.isGivenUp(A)).isFalse();
  }

  @Test
  void nodeThatLeavesAgainHasItsWholeTimeAgain() {
    known.leaving(member(A, "here"));
    clock.pass(KEPT);
    known.joined(member(A, "there"));
    known.leaving(member(A, "there"));

    clock.pass(GIVE_UP.minus(INSTANT));
    assertThat(known.find(A).map(Member::address)).contains(address("there"));
    assertThat(known.isGivenUp(A)).isFalse();
  }

  @Test
  void oneThatLeftFirstIsForgottenWhenThereAreTooMany() {
    known.leaving(member(A, "here"));
    for (int i = 1; i < LastKnown.MOST; i++) {
      known.leaving(member(new NodeId("n" + i), "there"));
    }
    assertThat(known.find(A).map(Member::address)).contains(address("here"));

    known.leaving(member(new NodeId("last"), "there"));

    assertThat(known.find(A)).isEmpty();
    assertThat(known.find(new NodeId("n1")).map(Member::address)).contains(address("there"));
    assertThat(known.find(new NodeId("last")).map(Member::address)).contains(address("there"));
  }

  @Test
  void nodeIsNeverNeitherRegisteredNorKnown() {
    Membership membership = new Membership(ErrorBoundary.lasting("a test", () -> {}));
    List<String> seen = new ArrayList<>();
    membership.onChange(
        new Nodes.Listener() {
          @Override
          public void joined(Member node) {
            seen.add("joined: registered " + membership.find(A).isPresent());
          }

          @Override
          public void left(Member node) {
            seen.add(
                "left: registered %s, known %s".formatted(isThere(), known.find(A).isPresent()));
          }

          private boolean isThere() {
            return membership.find(A).isPresent();
          }
        });
    membership.onChange(known);
    membership.seen(List.of(member(A, "here")));
    membership.left(A);

    assertThat(seen)
        .containsExactly("joined: registered true", "left: registered false, known true");
  }
}
