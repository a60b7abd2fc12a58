package dev.holdfast.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
  private final List<Long> lines = new ArrayList<>();
  private long now = -5;
  private final LogThrottle throttle = new LogThrottle(() -> now);

  private void happens(int times) {
    for (int i = 0; i < times; i++) {
      throttle.run(lines::add);
    }
  }

  @Test
  void firstIsLoggedAtOnceAndTheRestTogether() {
    happens(1000);
    assertThat(lines).containsExactly(1L);

    now += TimeUnit.MINUTES.toNanos(1);
    happens(1);
    assertThat(lines).containsExactly(1L, 1000L);
  }

  @Test
  void whatIsRareIsLoggedEachTime() {
    for (int i = 0; i < 3; i++) {
      happens(1);
      now += TimeUnit.MINUTES.toNanos(1);
    }

    assertThat(lines).containsExactly(1L, 1L, 1L);
  }
}
