package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptGateTest {
  private static final long MOST = 100;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ManualTimers timers = new ManualTimers();
  private final List<String> port = new ArrayList<>();
  private final AcceptGate.Port recorded = new RecordedPort(port);
  private long open = 10;
  private int looks;
  private final AcceptGate gate = new AcceptGate(MOST, this::look, timers);

  private long look() {
    looks++;
    return open;
  }

  /** A client comes, and opens its link. */
  private void comes() {
    open += 2;
    gate.accepted(recorded);
  }

  @Test
  void acceptingStopsBeforeTheDescriptorsRunOut() {
    while (gate.isOpen()) {
      comes();
    }

    assertThat(open).isBetween(MOST - 2, MOST);
    assertThat(port).containsExactly("suspended");
  }

  @Test
  void itGoesOnWhenThereAreSomeAgain() {
    open = MOST;
    comes();

    timers.pass(PAUSE);
    assertThat(port).containsExactly("suspended");

    open = MOST - 1;
    timers.pass(PAUSE);
    assertThat(port).containsExactly("suspended", "resumed");
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void descriptorsThatOthersTakeCountToo() {
    comes();
    open = MOST;
    for (int i = 0; gate.isOpen(); i++) {
      gate.accepted(recorded);
      assertThat(i).isLessThan((int) MOST / 2);
    }

    assertThat(port).containsExactly("suspended");
  }

  @Test
  void theyAreCountedSeldomWhileThereArePlenty() {
    for (int i = 0; i < 1000; i++) {
      gate.accepted(recorded);
    }

    assertThat(port).isEmpty();
    assertThat(looks).isLessThan(30);
  }
}
