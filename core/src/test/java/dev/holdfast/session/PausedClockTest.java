package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PausedClockTest {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(10);

  private final ManualTimers timers = new ManualTimers();
  private final PausedClock clock = new PausedClock(timers);
  private final long begin = clock.nanoTime();

  private Duration passed() {
    return Duration.ofNanos(clock.nanoTime() - begin);
  }

  @Test
  void standsStillWhileItIsPaused() {
    clock.pause();
    timers.pass(LONG);
    assertThat(passed()).isZero();
    clock.resume();
    timers.pass(PERIOD);

    assertThat(passed()).isEqualTo(PERIOD);
    assertThat(clock.takeStoodStill()).isZero();
  }

  @Test
  void goesOnThoughNobodyAsks() {
    timers.pass(LONG);

    assertThat(passed()).isEqualTo(LONG);
  }

  @Test
  void standsStillWhileTheProcessGetsNoTime() {
    clock.isAskedEvery(PERIOD.toNanos());
    timers.pass(PERIOD);
    assertThat(passed()).isEqualTo(PERIOD);

    timers.pass(LONG);

    assertThat(passed()).isEqualTo(PERIOD);
    assertThat(clock.takeStoodStill()).isEqualTo(LONG.toNanos());
    assertThat(clock.takeStoodStill()).isZero();
    timers.pass(PERIOD);
    assertThat(passed()).isEqualTo(PERIOD.multipliedBy(2));
  }

  @Test
  void goesOnOnceItIsAskedAtTimesOnly() {
    clock.isAskedEvery(PERIOD.toNanos());
    clock.isAskedAtTimes();
    timers.pass(LONG);

    assertThat(passed()).isEqualTo(LONG);
    assertThat(clock.takeStoodStill()).isZero();
  }

  @Test
  void timeThatIsPausedAlreadyIsNotCountedTwice() {
    clock.isAskedEvery(PERIOD.toNanos());
    clock.pause();
    timers.pass(LONG);
    clock.resume();

    assertThat(passed()).isZero();
    assertThat(clock.takeStoodStill()).isZero();
  }
}
