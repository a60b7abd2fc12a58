package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TwoLinksTest {
  private final ManualTimers timers = new ManualTimers();
  private final FakeConnection old = new FakeConnection(true);
  private final FakeConnection next = new FakeConnection(true);
  private final PausedClock clock = new PausedClock(timers);
  private final TwoLinks both = new TwoLinks(old, next, clock);

  private boolean areRead() {
    assertThat(old.reading).isEqualTo(next.reading).isNotEqualTo(clock.isPaused());
    return old.reading;
  }

  @Test
  void bothAreReadWhenTheLastReasonIsTakenBack() {
    both.pauseReads(PauseReason.SLOW_PEER);
    both.pauseReads(PauseReason.HANDOFF);
    assertThat(areRead()).isFalse();

    both.resumeReads(PauseReason.SLOW_PEER);
    assertThat(areRead()).isFalse();

    both.resumeReads(PauseReason.HANDOFF);
    assertThat(areRead()).isTrue();
  }

  @Test
  void reasonThatNobodyGaveIsNotTakenBack() {
    both.resumeReads(PauseReason.SLOW_PEER);
    assertThat(areRead()).isTrue();

    both.pauseReads(PauseReason.HANDOFF);
    both.resumeReads(PauseReason.SLOW_PEER);
    assertThat(areRead()).isFalse();
  }

  @Test
  void timeStandsStillWhileTheyAreNotRead() {
    long before = clock.nanoTime();

    both.pauseReads(PauseReason.SLOW_PEER);
    timers.pass(Duration.ofSeconds(3));
    both.resumeReads(PauseReason.SLOW_PEER);

    assertThat(clock.nanoTime()).isEqualTo(before);
  }
}
